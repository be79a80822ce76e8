"""Starting a contender under an application server, and reading what its process has used.

CPU and memory come from /proc and are those of the server's process and its children; those of
PostgreSQL and of the client are not in them.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

__all__ = ["SERVERS", "Process", "Server", "environment", "free_port", "process_tree"]

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS = 120

SERVERS = ("uvicorn", "granian", "gunicorn")


def environment(stack: str, database: str) -> dict[str, str]:
    """Return the environment in which a process belongs to `stack` on `database`."""
    return os.environ | {
        "BENCH_STACK": stack,
        "BENCH_DATABASE": database,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    }


def _command(server: str, port: int) -> list[str]:
    at = str(port)
    match server:
        case "uvicorn":
            options = ["--port", at, "--loop", "uvloop", "--http", "httptools"]
            quiet = ["--no-access-log", "--log-level", "warning", "--lifespan", "off"]
            return ["uvicorn", "benchmarks.asgi:application", *options, *quiet]
        case "probed":  # not uvloop: the probe sits in asyncio's own callbacks
            options = ["--port", at, "--loop", "asyncio", "--http", "httptools"]
            quiet = ["--no-access-log", "--log-level", "warning", "--lifespan", "off"]
            return ["uvicorn", "benchmarks.probed_asgi:application", *options, *quiet]
        case "granian":
            options = ["--interface", "asginl", "--port", at, "--no-ws", "--log-level", "warning"]
            return ["granian", "benchmarks.asgi:application", *options]
        case "gunicorn":
            options = ["--bind", f"127.0.0.1:{at}", "--worker-class", "gthread", "--threads", "10"]
            quiet = ["--keep-alive", "30", "--log-level", "warning"]
            return ["gunicorn", "benchmarks.wsgi:application", *options, *quiet]
    raise ValueError(server)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A program that listens at a port of 127.0.0.1. As a context manager it is stopped at the end.

    `options` are those of subprocess.Popen. RuntimeError when nothing listens after two minutes.
    """

    def __init__(self, command: Sequence[str], port: int, **options: Any) -> None:
        self.port = port
        self._process = subprocess.Popen(command, **options)  # noqa: S603 - the command is ours
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise RuntimeError(f"{self._process.args!r} did not start.")

    def stop(self) -> None:
        """End the process, and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def kill(self) -> None:
        """End the process and what it has started, as a crash of the machine would."""
        for pid in list(process_tree(self.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid


class Server(Process):
    """A contender under an application server."""

    def __init__(self, server: str, stack: str, database: str) -> None:
        port = free_port()
        command = [sys.executable, "-m", *_command(server, port)]
        super().__init__(command, port, env=environment(stack, database))

    def cpu_seconds(self) -> float:
        """User and system time of the server so far."""
        return sum(_cpu_seconds(pid) for pid in process_tree(self.pid))

    def memory_mb(self) -> float:
        """Resident memory of the server now, in 10^6 bytes."""
        return sum(_resident_bytes(pid) for pid in process_tree(self.pid)) / 1e6


def process_tree(pid: int) -> Iterator[int]:
    """Yield `pid` and all that descend from it."""
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    for child in children.split():
        yield from process_tree(int(child))


def _cpu_seconds(pid: int) -> float:
    # Behind the name, which may hold blanks: utime and stime are fields 14 and 15 (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
