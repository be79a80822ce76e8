"""Clients that do what browsers do not: all send at the same moment, or hang up in the middle.

Each request has a connection of its own, so that the workers of a server share them out.
"""

import asyncio
import json
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from benchmarks.client import body_after, request_bytes
from benchmarks.stacks import Call

from torture.verdicts import Answer

__all__ = ["Barrage", "HangUp", "exchange", "hang_up", "send", "volley"]

_PATIENCE_SECONDS = 60
_LOST = Answer(0)

T = TypeVar("T")


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(work)


def _code_in(body: bytes) -> str:
    try:
        parsed = json.loads(body)
    except ValueError:
        return ""
    # Both parts of the envelope, or it is none.
    is_envelope = isinstance(parsed, dict) and "detail" in parsed and "code" in parsed
    return str(parsed["code"]) if is_envelope else ""


def _worker_in(head: bytes) -> str:
    _, found, rest = head.partition(b"\r\nx-worker:")
    return rest.split(b"\r\n", 1)[0].strip().decode() if found else ""


async def _answer_to(
    call: Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Answer:
    started = monotonic()
    writer.write(request_bytes(call))
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await body_after(head, reader)
    return Answer(int(head[9:12]), body, _code_in(body), _worker_in(head), monotonic() - started)


async def exchange(port: int, call: Call, ready: asyncio.Barrier | None = None) -> Answer:
    """Send one call over a connection of its own, with the others that wait at `ready`."""
    connection = None
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            try:
                connection = await asyncio.open_connection("127.0.0.1", port)
            finally:
                if ready is not None:
                    await ready.wait()
            return await _answer_to(call, *connection)
    except (OSError, EOFError, TimeoutError):
        return _LOST
    finally:
        if connection is not None:
            connection[1].close()


async def _volley(port: int, calls: Sequence[Call]) -> list[Answer]:
    ready = asyncio.Barrier(len(calls))
    return await asyncio.gather(*(exchange(port, call, ready) for call in calls))


def volley(port: int, calls: Sequence[Call]) -> list[Answer]:
    """Send `calls` at the same moment, each over a connection that is open already."""
    return _run(_volley(port, calls))


def send(port: int, call: Call) -> Answer:
    """Send one call."""
    return _run(exchange(port, call))


@dataclass(frozen=True, slots=True)
class HangUp:
    """When a client goes: after which share of the request's bytes, and how much later."""

    share: float
    wait_ms: int = 0


async def _hang_up(port: int, call: Call, moment: HangUp) -> None:
    request = request_bytes(call)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request[: round(len(request) * moment.share)])
    await writer.drain()
    await asyncio.sleep(moment.wait_ms / 1000)
    writer.transport.abort()


async def _hang_up_all(port: int, calls: Sequence[tuple[Call, HangUp]]) -> None:
    await asyncio.gather(*(_hang_up(port, call, moment) for call, moment in calls))


def hang_up(port: int, calls: Sequence[tuple[Call, HangUp]]) -> None:
    """Begin each call, and go at its moment without having read anything."""
    _run(_hang_up_all(port, calls))


class Barrage:
    """Calls that go out one after another over some clients, while something else happens.

    As a context manager it has sent everything when it is left. `answers` are in the order of the
    calls then.
    """

    def __init__(self, port: int, calls: Sequence[Call], *, clients: int, seconds: float) -> None:
        self.answers: list[Answer] = [_LOST] * len(calls)
        self._port, self._calls, self._clients = port, calls, clients
        self._pause = seconds * clients / max(1, len(calls))
        self._thread = threading.Thread(target=lambda: _run(self._send_all()))

    def __enter__(self) -> "Barrage":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    async def _send_all(self) -> None:
        waiting = list(enumerate(self._calls))[::-1]
        async with asyncio.TaskGroup() as group:
            for _ in range(self._clients):
                group.create_task(self._client(waiting))

    async def _client(self, waiting: list[tuple[int, Call]]) -> None:
        while waiting:
            place, call = waiting.pop()
            self.answers[place] = await exchange(self._port, call)
            await asyncio.sleep(self._pause)
