"""Servers of our own, each in a directory that goes with it: databases, Redis, a dead mail server.

They may be killed and started again at will. Nothing that runs on the machine already is touched.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any, Protocol, Self

from benchmarks.servers import Process, free_port

__all__ = [
    "DATABASES",
    "Database",
    "DeadMail",
    "MariaDB",
    "PostgreSQL",
    "Redis",
    "SQLite",
    "missing",
]

_SYSTEM_FOLDERS = (
    "/usr/sbin",
    "/usr/local/sbin",
    *map(str, Path("/usr/lib/postgresql").glob("*/bin")),
)
_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(_SYSTEM_FOLDERS))


def missing(*names: str) -> str:
    """Return which of the programs this machine lacks; an empty text when none."""
    return ", ".join(f"no {name}" for name in names if _program(name) is None)


def _user() -> dict[str, Any]:
    """Return the options of Popen under which a database starts: it refuses to be root's."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class _Folder:
    """A temporary directory that belongs to the user whose server lives in it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="torture-"))
        user = _user()
        if user:
            os.chown(self.path, user["user"], user["group"])

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class Database(Protocol):
    """A database of our own."""

    kind: str
    programs: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """What torture/settings.py reads."""
        ...

    def kill(self) -> None:
        """End it as a crash would."""
        ...

    def start(self) -> None:
        """Start it, again after a crash."""
        ...

    def stop(self) -> None:
        """End it, and remove what it stored."""
        ...


class _Served:
    """What a database with a server has in common with the other."""

    kind: str

    def __init__(self) -> None:
        self._folder, self._port = _Folder(), free_port()
        self._process: Process | None = None
        self._prepare()
        self.start()

    def _prepare(self) -> None:
        raise NotImplementedError

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, check=False, capture_output=True, text=True, **_user())
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr[-500:]}")

    @property
    def environment(self) -> dict[str, str]:
        return {"TORTURE_DATABASE": self.kind, "TORTURE_DATABASE_PORT": str(self._port)}

    def start(self) -> None:
        self._process = Process(self._command(), self._port, **_user(), **_QUIET)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
        self._folder.remove()


class PostgreSQL(_Served):
    """PostgreSQL. Without fsync, which only a crash of the machine would need."""

    kind = "postgres"
    programs: tuple[str, ...] = ("initdb", "postgres")

    def _prepare(self) -> None:
        options = ["--username=torture", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        self._run(str(_program("initdb")), "-D", str(self._folder.path / "data"), *options)

    def _command(self) -> list[str]:
        options = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        at = ["-D", str(self._folder.path / "data"), "-p", str(self._port)]
        return [str(_program("postgres")), *at, *(part for o in options for part in ("-c", o))]


class MariaDB(_Served):
    """MariaDB."""

    kind = "mariadb"
    programs: tuple[str, ...] = ("mariadb-install-db", "mariadbd")

    def _prepare(self) -> None:
        options = ["--auth-root-authentication-method=normal", "--skip-test-db", "--no-defaults"]
        at = f"--datadir={self._folder.path / 'data'}"
        self._run(str(_program("mariadb-install-db")), *options[::-1], at)

    def _command(self) -> list[str]:
        folder = self._folder.path
        where = [f"--datadir={folder / 'data'}", f"--socket={folder / 'socket'}"]
        reached = [f"--port={self._port}", "--bind-address=127.0.0.1"]
        # A commit is written but not synchronised: it survives the process, not the machine.
        how = ["--innodb-flush-log-at-trx-commit=2", "--character-set-server=utf8mb4"]
        return [str(_program("mariadbd")), "--no-defaults", *where, *reached, *how]


class SQLite:
    """A file."""

    kind = "sqlite"
    programs: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._folder = _Folder()
        self.file = self._folder.path / "torture.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        return {"TORTURE_DATABASE": self.kind, "TORTURE_DATABASE_FILE": str(self.file)}

    def kill(self) -> None:
        """Nothing runs that could be killed."""

    def start(self) -> None:
        """Nothing has to run."""

    def stop(self) -> None:
        self._folder.remove()


DATABASES: dict[str, type[Database]] = {
    "postgres": PostgreSQL,
    "mariadb": MariaDB,
    "sqlite": SQLite,
}


class Redis:
    """A cache that stores nothing on disk."""

    programs = ("redis-server",)

    def __init__(self) -> None:
        self._folder, self.port = _Folder(), free_port()
        self.start()

    def start(self) -> None:
        """Start it, again after it was killed."""
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder.path)]
        command = [str(_program("redis-server")), *where, "--save", ""]
        self._process = Process(command, self.port, **_user(), **_QUIET)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def stop(self) -> None:
        """End it."""
        self._process.stop()
        self._folder.remove()


class DeadMail:
    """A mail server that takes every connection and never says a word."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        try:
            while True:
                self._taken.append(self._listening.accept()[0])
        except OSError:  # closed
            return

    @property
    def connections(self) -> int:
        """How many clients have come and wait."""
        return len(self._taken)

    def stop(self) -> None:
        """Hang up."""
        # A thread in accept() keeps a socket open that is only closed.
        self._listening.shutdown(socket.SHUT_RDWR)
        for one in [self._listening, *self._taken]:
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
