"""Everything that has to hold before a change goes in; `make check` and CI both run this.

Each part is a target of the Makefile or an environment of environments.py and can be run alone.
All parts run, also after a failure; the summary at the end says how each went and how long it
took. A part whose service, browser or Python is missing is skipped loudly; with CI=true in the
environment that counts as a failure.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from environments import ENVIRONMENTS, find_python
from peers import PYTHON as PEERS_PYTHON


def _nothing_is_missing() -> str:
    return ""


@dataclass(frozen=True)
class _Part:
    name: str
    command: list[str]
    missing: Callable[[], str] = _nothing_is_missing
    """Says what this machine lacks to run the part; an empty text when nothing."""


@dataclass(frozen=True)
class _Outcome:
    name: str
    result: str
    seconds: float
    reason: str = ""


def _service(variable: str, default_port: int) -> Callable[[], str]:
    host = os.environ.get(f"TOTP_TEST_{variable}_HOST", "127.0.0.1")
    port = int(os.environ.get(f"TOTP_TEST_{variable}_PORT", default_port))

    def missing() -> str:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError as error:
            return f"nothing answers at {host}:{port} ({error.strerror})"
        return ""

    return missing


def _programs(*names: str) -> Callable[[], str]:
    return lambda: ", ".join(f"no {name} on PATH" for name in names if not shutil.which(name))


def _python(version: str) -> Callable[[], str]:
    return lambda: "" if find_python(version) else f"no Python {version} here"


def _make(target: str) -> list[str]:
    return ["make", "--no-print-directory", target]


PARTS = [
    _Part("tests", _make("test")),
    _Part("coverage", _make("coverage")),
    _Part("lint", _make("lint")),
    _Part("format", _make("format-check")),
    _Part("types", _make("types")),
    _Part("imports", _make("imports")),
    _Part("PostgreSQL", _make("test-postgres"), _service("POSTGRES", 5432)),
    _Part("MariaDB", _make("test-mariadb"), _service("MARIADB", 3306)),
    _Part("Redis", _make("test-redis"), _service("REDIS", 6379)),
    _Part("browser", _make("test-browser"), _programs("chromium", "chromedriver")),
    _Part("wheel", _make("test-wheel")),
    _Part("importers", _make("test-importers"), _python(PEERS_PYTHON)),
    *(
        _Part(name, _make(f"test-{name}"), _python(environment.python))
        for name, environment in ENVIRONMENTS.items()
    ),
]


def _carry_out(part: _Part) -> _Outcome:
    if reason := part.missing():
        return _Outcome(part.name, "SKIPPED", 0, reason)
    print(f"\n=== {part.name}: {' '.join(part.command)}", flush=True)
    started_at = time.monotonic()
    passed = subprocess.run(part.command, check=False).returncode == 0
    return _Outcome(part.name, "passed" if passed else "FAILED", time.monotonic() - started_at)


def _print_summary(outcomes: list[_Outcome]) -> None:
    print("\n=== summary")
    for outcome in outcomes:
        print(f"{outcome.name:22}{outcome.result:9}{outcome.seconds:6.0f} s  {outcome.reason}")
    print(f"{'together':31}{sum(outcome.seconds for outcome in outcomes):6.0f} s")


def main() -> int:
    """Return 0 when every part that had to run has passed."""
    outcomes = [_carry_out(part) for part in PARTS]
    _print_summary(outcomes)
    failing = {"FAILED", "SKIPPED"} if os.environ.get("CI") == "true" else {"FAILED"}
    bad = [outcome for outcome in outcomes if outcome.result in failing]
    for outcome in bad:
        print(f"{outcome.name} {outcome.result} {outcome.reason}".rstrip(), file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
