"""Starting a contender under an application server, and reading what its process has used.

CPU and memory come from /proc and are those of the server's process and its children; those of
PostgreSQL and of the client are not in them.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["SERVERS", "Server", "environment"]

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS = 30

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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A running server. Use as a context manager: it is stopped at the end."""

    def __init__(self, server: str, stack: str, database: str) -> None:
        self.port = _free_port()
        self._process = subprocess.Popen(  # noqa: S603 - the command is ours
            [sys.executable, "-m", *_command(server, self.port)],
            env=environment(stack, database),
        )
        self._wait()

    def __enter__(self) -> "Server":
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
        raise RuntimeError("The server did not start.")

    def stop(self) -> None:
        """End the process, and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    def cpu_seconds(self) -> float:
        """User and system time of the server so far."""
        return sum(_cpu_seconds(pid) for pid in _tree(self.pid))

    def memory_mb(self) -> float:
        """Resident memory of the server now, in 10^6 bytes."""
        return sum(_resident_bytes(pid) for pid in _tree(self.pid)) / 1e6


def _tree(pid: int) -> Iterator[int]:
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    for child in children.split():
        yield from _tree(int(child))


def _cpu_seconds(pid: int) -> float:
    # Behind the name, which may hold blanks: utime and stime are fields 14 and 15 (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
