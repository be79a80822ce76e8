"""The ASGI application with a probe on its event loop; `/probe/` tells what it saw and resets it.

`held` is the CPU time of the loop's own thread in one callback: how long the loop was really
kept. `lag` is how much later than asked a sleeping task woke up; waiting for the interpreter lock
and for the machine is in it, so that it is to be compared with the floor's only.
"""

import asyncio
import json
from asyncio import events
from time import perf_counter, thread_time
from typing import Any

from benchmarks.asgi import application as django_application

__all__ = ["application"]

_PAUSE_SECONDS = 0.002

_held: list[float] = []
_lags: list[float] = []
_tasks: set[asyncio.Task[None]] = set()
_run = events.Handle._run  # noqa: SLF001 - the one place through which every callback goes


def _timed_run(self: events.Handle) -> None:
    started = thread_time()
    _run(self)
    _held.append(thread_time() - started)


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
        events.Handle._run = _timed_run  # type: ignore[method-assign]  # noqa: SLF001
        _tasks.add(asyncio.create_task(_probe()))
    if scope["path"] != "/probe/":
        await django_application(scope, receive, send)
        return
    body = json.dumps({"held": _milliseconds(_held), "lag": _milliseconds(_lags)}).encode()
    _held.clear()
    _lags.clear()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
