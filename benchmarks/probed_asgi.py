"""The ASGI application with a probe on its event loop; `/probe/` tells what it saw and resets it.

`held` is the CPU time of the loop's own thread in one callback: for how long our code and what it
calls kept the loop. What Python's collector of garbage took meanwhile is not in it but told as
`collected`: it stops all threads, whichever one it runs in, and looks at everything that Django has
loaded. `lag` is how much later than asked a sleeping task woke up; waiting for the interpreter lock
and for the machine is in it, so that it is to be compared with the floor's only.
"""

import asyncio
import gc
import json
import threading
from asyncio import events
from collections.abc import Mapping
from time import perf_counter, thread_time
from typing import Any

from benchmarks.asgi import application as django_application

__all__ = ["application"]

_PAUSE_SECONDS = 0.002

_held: list[float] = []
_lags: list[float] = []
_collected: list[float] = []
_tasks: set[asyncio.Task[None]] = set()
_run = events.Handle._run  # noqa: SLF001 - the one place through which every callback goes


class _Collections:
    """The CPU time of the collector of garbage, for `gc.callbacks`."""

    def __init__(self) -> None:
        self._began = 0.0
        self._loops_thread = threading.get_ident()
        self.spent_by_loop = 0.0

    def __call__(self, phase: str, _: Mapping[str, int]) -> None:
        # No two collections overlap, and each begins and ends in one thread.
        if phase == "start":
            self._began = thread_time()
            return
        spent = thread_time() - self._began
        _collected.append(spent)
        if threading.get_ident() == self._loops_thread:
            self.spent_by_loop += spent


def _watch() -> None:
    """Time each callback of the loop that runs in this thread."""
    collections = _Collections()
    gc.callbacks.append(collections)

    def timed_run(self: events.Handle) -> None:
        collected, started = collections.spent_by_loop, thread_time()
        _run(self)
        spent = thread_time() - started
        _held.append(spent - (collections.spent_by_loop - collected))

    events.Handle._run = timed_run  # type: ignore[method-assign]  # noqa: SLF001
    _tasks.add(asyncio.create_task(_probe()))


async def _probe() -> None:
    while True:
        started = perf_counter()
        await asyncio.sleep(_PAUSE_SECONDS)
        _lags.append(perf_counter() - started - _PAUSE_SECONDS)


def _milliseconds(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    at = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: ordered[int(part * (len(ordered) - 1))] * 1000 for name, part in at.items()}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve `/probe/`, and let Django serve the rest."""
    if not _tasks:
        _watch()
    if scope["path"] != "/probe/":
        await django_application(scope, receive, send)
        return
    measured = {"held": _held, "lag": _lags, "collected": _collected}
    told = {name: _milliseconds(values) for name, values in measured.items()}
    told["collected"] |= {"number": len(_collected), "sum": sum(_collected) * 1000}
    body = json.dumps(told).encode()
    for values in measured.values():
        values.clear()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
