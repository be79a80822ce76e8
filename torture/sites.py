"""The tortured site under an application server with several workers."""

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic, sleep

from benchmarks.servers import Process, free_port, process_tree
from benchmarks.stacks import Call

from torture.client import volley

__all__ = ["SERVERS", "Site"]

SERVERS = ("uvicorn", "granian", "gunicorn")
_START_SECONDS = 180
_CLOSED_DOOR = Call("/ninja/totp/status/", method="GET")


def _command(server: str, port: int, workers: int) -> list[str]:
    at, many = str(port), str(workers)
    match server:
        case "uvicorn":
            options = ["--port", at, "--workers", many, "--lifespan", "off"]
            # The clients come from the address that uvicorn believes what it is told by.
            options += ["--no-proxy-headers"]
            quiet = ["--no-access-log", "--log-level", "critical"]
            return ["uvicorn", "torture.asgi:application", *options, *quiet]
        case "granian":
            options = ["--interface", "asginl", "--port", at, "--workers", many, "--no-ws"]
            quiet = ["--respawn-failed-workers", "--respawn-interval", "0.1"]
            quiet += ["--log-level", "critical"]
            return ["granian", "torture.asgi:application", *options, *quiet]
        case "gunicorn":
            options = ["--bind", f"127.0.0.1:{at}", "--workers", many, "--log-level", "critical"]
            options += ["--forwarded-allow-ips", "192.0.2.1"]
            kind = ["--worker-class", "uvicorn_worker.UvicornWorker", "--timeout", "60"]
            return ["gunicorn", "torture.asgi:application", *options, *kind]
        case "gunicorn, transactions":  # WSGI, ATOMIC_REQUESTS
            options = ["--bind", f"127.0.0.1:{at}", "--workers", many, "--log-level", "critical"]
            kind = ["--worker-class", "gthread", "--threads", "4"]
            return ["gunicorn", "torture.wsgi:application", *options, *kind]
    raise ValueError(server)


class Site(Process):
    """A running server. `environment` is added to the one of this process."""

    def __init__(self, server: str, *, workers: int, environment: Mapping[str, str]) -> None:
        self.workers = workers
        port = free_port()
        command = [sys.executable, "-m", *_command(server, port, workers)]
        atomic = {"TORTURE_ATOMIC": "1"} if server.endswith("transactions") else {}
        super().__init__(command, port, env={**os.environ, **environment, **atomic})
        try:
            self.wait_for_workers()
        except RuntimeError:
            self.stop()
            raise

    def wait_for_workers(self) -> set[str]:
        """Wait until every worker has answered, and return which they are; else RuntimeError."""
        deadline, seen = monotonic() + _START_SECONDS, set[str]()
        while monotonic() < deadline:
            # The list is of those who answer now: others may have been killed before.
            answers = volley(self.port, [_CLOSED_DOOR] * self.workers * 4)
            seen |= {answer.worker for answer in answers if answer.worker}
            seen &= {str(pid) for pid in process_tree(self.pid)}
            if len(seen) >= self.workers:
                return seen
            sleep(0.1)
        raise RuntimeError(f"{len(seen)} of {self.workers} workers have answered.")

    def kill_worker(self, worker: str) -> None:
        """End one worker at once; its server starts another in its place."""
        with suppress(ProcessLookupError):
            os.kill(int(worker), signal.SIGKILL)

    def stop(self) -> None:
        """End the server, and every worker that has outlived it."""
        tree = list(process_tree(self.pid)) if self._process.poll() is None else []
        super().stop()
        for pid in tree[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
