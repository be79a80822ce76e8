"""A reader's terminal: one bash that keeps its directory and variables between blocks.

What a block prints is returned; a block that fails ends the terminal. The server block runs in
the same bash as a job, so that it sees what was activated and exported before. Nothing is
rewritten in a command: curl and uvicorn are told the free port by their own configuration. Only
that of nginx, which knows no variables, is written with it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Timer

__all__ = ["Failed", "Shell"]

# Every Python of the reader's imports this. Where a page uses one code twice, the second use must
# not fall into the next step of 30 seconds: a walk begins when a step does.
_CLOCK = """\
import time
_real, _behind = time.time, {behind!r}
time.time = lambda: _real() - _behind
"""

_ADDRESS = "127.0.0.1:8000"
_DONE = "--- the block is done ---"
_SECONDS = 300
_NOT_PASSED_ON = {"DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST", "COV_CORE_SOURCE"}


class Failed(AssertionError):
    """A block ended with an error, or took too long; holds what it printed."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(home: Path, port: int, extra: dict[str, str]) -> dict[str, str]:
    # The page says 127.0.0.1:8000, where something else may listen.
    home.joinpath(".curlrc").write_text(f'connect-to = "{_ADDRESS}:127.0.0.1:{port}"\n')
    (home / "sitecustomize.py").write_text(_CLOCK.format(behind=time.time() % 30))
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    programs = Path(sys.executable).parent
    modules = [str(home), *filter(None, [extra.get("PYTHONPATH")])]
    return kept | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "CURL_HOME": str(home),
        "UVICORN_PORT": str(port),
        "NO_PROXY": "127.0.0.1",
        "LC_ALL": "C.UTF-8",
        # A plugin of this suite that a reader does not have, and that prints a warning.
        "PYTEST_ADDOPTS": "-p no:asyncio",
        **extra,
        "PYTHONPATH": os.pathsep.join(modules),
    }


class Shell:
    """A bash in `directory`. `private` is a folder for its home and the blocks' texts."""

    def __init__(self, directory: Path, private: Path, extra: dict[str, str]) -> None:
        self._private = private
        self._port = _free_port()
        self._blocks = 0
        self._server = 0
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=directory,
            env=_environment(private, self._port, extra),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self._type("set -eo pipefail")

    def _type(self, line: str) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.write(line + "\n")
        self._bash.stdin.flush()

    def keep(self, text: str, suffix: str) -> Path:
        """Write `text` into a file outside the reader's directory, and return its path."""
        self._blocks += 1
        path = self._private / f"block-{self._blocks}{suffix}"
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, commands: str) -> str:
        """Run `commands` and return what they print. Raises Failed."""
        script = self.keep(commands, ".sh")
        self._type(f". '{script}' </dev/null; printf '\\n%s\\n' '{_DONE}'")
        return self._read()

    def _read(self) -> str:
        assert self._bash.stdout is not None
        printed: list[str] = []
        timer = Timer(_SECONDS, self._kill)
        timer.start()
        try:
            for line in self._bash.stdout:
                if line.strip() == _DONE:
                    return "".join(printed).rstrip("\n")
                printed.append(line)
        finally:
            timer.cancel()
        raise Failed("".join(printed))

    def serve(self, command: str) -> None:
        """Start `command` in the background, in place of an earlier one; wait until it answers."""
        log = self._private / "server.log"
        script = self.keep(command, ".sh")
        printed = self.run(
            'if [ -n "${SERVER:-}" ]; then kill -- "-$SERVER"; wait "$SERVER" || true; fi\n'
            f"set -m\n. '{script}' >'{log}' 2>&1 </dev/null &\nSERVER=$!\nset +m\necho $SERVER"
        )
        self._server = int(printed.splitlines()[-1])
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline:
                raise Failed(log.read_text(encoding="utf-8"))
            time.sleep(0.1)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
            return True
        return False

    def directory(self) -> Path:
        """Where the terminal stands."""
        return Path(self.run("pwd"))

    def write(self, name: str, text: str, *, append: bool = False) -> None:
        """Save `text` as the reader's editor does."""
        path = self.directory() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if append else "w", encoding="utf-8") as file:
            file.write(f"\n{text}" if append else text)

    def configure(self, name: str, text: str) -> None:
        """Save the configuration of a server that has no other way to be told its port."""
        assert _ADDRESS in text
        self.write(name, text.replace(_ADDRESS, f"127.0.0.1:{self._port}"))

    def close(self) -> None:
        """End the terminal and its server."""
        with suppress(Failed, BrokenPipeError):
            self.run('if [ -n "${SERVER:-}" ]; then kill -- "-$SERVER"; wait "$SERVER" || true; fi')
        self._kill()
        self._bash.communicate(timeout=30)  # closes the pipes as well

    def _kill(self) -> None:
        # The server has a group of its own, and is left behind by a block that ended the bash.
        for group in filter(None, (self._server, self._bash.pid)):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
