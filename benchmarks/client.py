"""The load: keep-alive connections that each send again as soon as they have an answer.

Requests are ready-made bytes and answers are only looked at for status and length, so that the
client needs a fraction of the CPU of the cheapest endpoint. Every status is checked.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from benchmarks.stacks import Call

__all__ = ["Load", "UnexpectedAnswer", "body_after", "request_bytes", "run_load"]

_PATIENCE_SECONDS = 60


class UnexpectedAnswer(Exception):
    """A contender did not do the work; a figure for it would say nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round was like from outside: seconds for each request, and for all."""

    latencies: list[float]
    seconds: float


def request_bytes(call: Call) -> bytes:
    """Return `call` as it goes over the wire."""
    body = call.body.encode()
    headers = {"Host": "127.0.0.1", **call.headers}
    if call.method == "POST":
        headers["Content-Length"] = str(len(body))
    lines = [f"{call.method} {call.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    return int(head[9:12]), await body_after(head, reader)


async def body_after(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """Return the body that `head`, an answer's head in lower case, announces."""
    if b"transfer-encoding: chunked" in head:
        return await _chunks(reader)
    _, found, rest = head.partition(b"content-length:")
    length = int(rest.split(b"\r\n", 1)[0]) if found else 0
    return await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


async def _client(port: int, waiting: list[tuple[bytes, int]], latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while waiting:
        request, expected = waiting.pop()
        started = perf_counter()
        writer.write(request)
        status, body = await _answer(reader)
        latencies.append(perf_counter() - started)
        if status != expected:
            line = request.split(b"\r\n", 1)[0].decode()
            raise UnexpectedAnswer(f"{line} answered {status}: {body[:300]!r}")
    writer.close()


async def _all(port: int, calls: Sequence[Call], clients: int) -> Load:
    waiting = [(request_bytes(call), call.expected) for call in reversed(calls)]
    latencies: list[float] = []
    started = perf_counter()
    async with asyncio.timeout(_PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_client(port, waiting, latencies))
    return Load(latencies, perf_counter() - started)


def run_load(port: int, calls: Sequence[Call], *, clients: int) -> Load:
    """Send `calls` over `clients` connections. UnexpectedAnswer on any other status."""
    try:
        with asyncio.Runner() as runner:
            return runner.run(_all(port, calls, clients))
    except* UnexpectedAnswer as failed:
        raise failed.exceptions[0] from None
