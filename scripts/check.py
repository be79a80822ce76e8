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
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

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


def _all(*parts: Callable[[], str]) -> Callable[[], str]:
    return lambda: ", ".join(filter(None, (missing() for missing in parts)))


def _python(version: str) -> Callable[[], str]:
    return lambda: "" if find_python(version) else f"no Python {version} here"


def _make(target: str) -> list[str]:
    return ["make", "--no-print-directory", target]


_DEPLOYMENT = _Part(
    "deployment",
    _make("test-deployment"),
    _all(_service("POSTGRES", 5432), _service("REDIS", 6379), _programs("nginx", "psql")),
)
_BROWSER = _Part("browser", _make("test-browser"), _programs("chromium", "chromedriver"))
_TYPESCRIPT = _Part(
    "TypeScript", _make("test-typescript"), _programs("node", "npm", "chromium", "chromedriver")
)
_READING = tuple(
    _Part(name, _make(name))
    for name in ("coverage", "lint", "format-check", "types", "imports", "docs")
)
# It starts its own servers, and says itself which database it could not run.
_TORTURE = _Part(
    "torture",
    [
        *_make("torture-short"),
        *([] if os.environ.get("CI") == "true" else ["TORTURE_OPTIONS=--lenient"]),
    ],
)


def _environments(*names: str) -> tuple[_Part, ...]:
    return tuple(
        _Part(name, _make(f"test-{name}"), _python(ENVIRONMENTS[name].python)) for name in names
    )


_OLD = ("lowest", "compat")
_NEW = tuple(name for name in ENVIRONMENTS if name not in _OLD)

# Stages follow each other. The lanes of a stage run side by side, each its parts in their order:
# a browser, a database and an installation keep two cores busy half of the time by themselves.
# These two take about as long as each other. What needs Redis is in one of them, since its tests
# empty it.
STAGES: list[tuple[tuple[_Part, ...], ...]] = [
    ((_Part("tests", _make("test")),),),
    (
        (
            _BROWSER,
            _Part("PostgreSQL", _make("test-postgres"), _service("POSTGRES", 5432)),
            _TYPESCRIPT,
            _Part("wheel", _make("test-wheel")),
            *_environments(*_NEW[:-1]),
        ),
        (
            *_READING,
            _Part("MariaDB", _make("test-mariadb"), _service("MARIADB", 3306)),
            _Part("Redis", _make("test-redis"), _service("REDIS", 6379)),
            _Part("importers", _make("test-importers"), _python(PEERS_PYTHON)),
            *_environments(*_OLD, *_NEW[-1:]),
            _DEPLOYMENT,
        ),
    ),
    ((_TORTURE,),),
]


def _carry_out(lanes: Sequence[Sequence[_Part]]) -> list[_Outcome]:
    if len(lanes) == 1:
        return [_run_in_sight(part) for part in lanes[0]]
    with ThreadPoolExecutor(len(lanes)) as pool:
        return [outcome for lane in pool.map(_run_lane, lanes) for outcome in lane]


def _run_lane(parts: Sequence[_Part]) -> list[_Outcome]:
    return [_run_and_show(part) for part in parts]


def _run_in_sight(part: _Part) -> _Outcome:
    print(f"\n=== {part.name}: {' '.join(part.command)}", flush=True)
    return _run(part, stdout=None)


def _run_and_show(part: _Part) -> _Outcome:
    # Shown when it is over, so that the lines of two parts do not mix.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        outcome = _run(part, stdout=output)
        output.seek(0)
        print(f"\n=== {part.name}: {' '.join(part.command)}\n{output.read()}", flush=True)
    return outcome


def _run(part: _Part, *, stdout: IO[str] | None) -> _Outcome:
    if reason := part.missing():
        return _Outcome(part.name, "SKIPPED", 0, reason)
    started_at = time.monotonic()
    stderr = subprocess.STDOUT if stdout else None
    done = subprocess.run(part.command, check=False, stdout=stdout, stderr=stderr)
    result = "passed" if done.returncode == 0 else "FAILED"
    return _Outcome(part.name, result, time.monotonic() - started_at)


def _print_summary(outcomes: list[_Outcome], seconds: float) -> None:
    print("\n=== summary")
    for outcome in outcomes:
        print(f"{outcome.name:22}{outcome.result:9}{outcome.seconds:6.0f} s  {outcome.reason}")
    print(f"{'together':31}{seconds:6.0f} s")


def main() -> int:
    """Return 0 when every part that had to run has passed."""
    started_at = time.monotonic()
    outcomes = [outcome for lanes in STAGES for outcome in _carry_out(lanes)]
    _print_summary(outcomes, time.monotonic() - started_at)
    failing = {"FAILED", "SKIPPED"} if os.environ.get("CI") == "true" else {"FAILED"}
    bad = [outcome for outcome in outcomes if outcome.result in failing]
    for outcome in bad:
        print(f"{outcome.name} {outcome.result} {outcome.reason}".rstrip(), file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
