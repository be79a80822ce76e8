"""The demo as its own process, with a database and keys of its own. No test stands here."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

__all__ = ["REPOSITORY", "Demo", "running_demo"]

REPOSITORY = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60


class Demo:
    """A demo that runs for many tests: starting one takes longer than most of them."""

    def __init__(self, origin: str, folder: Path) -> None:
        self.origin, self.folder = origin, folder
        self._state = folder / "state"
        self._unused = folder / "unused.sqlite3"
        _copy(self._state / "db.sqlite3", self._unused)

    def start_over(self) -> None:
        """Make it as new."""
        _copy(self._unused, self._state / "db.sqlite3")
        shutil.rmtree(self._state / "outbox", ignore_errors=True)


def _copy(database: Path, to: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


@contextmanager
def running_demo(
    folder: Path, *, port: int | None = None, settings: str = "demo.settings"
) -> Iterator[str]:
    """Serve the demo with its state in `folder`; yields its address, without a slash at the end."""
    log = folder / "demo.log"
    environment = {
        **os.environ,
        "DEMO_DIR": str(folder / "state"),
        "DJANGO_SETTINGS_MODULE": settings,
        "PORT": str(port or _free_port()),
        "PYTHONUNBUFFERED": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=REPOSITORY,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _printed_address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    # Somebody may take it before the demo does; the demo then says which one it took.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _printed_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text(encoding="utf-8")
        address = re.search(r"The demo +(http://\S+)/", text)
        if address is not None and "Started server process" in text:
            return address[1]
        time.sleep(0.1)
    raise RuntimeError(f"The demo did not start:\n{log.read_text(encoding='utf-8')}")
