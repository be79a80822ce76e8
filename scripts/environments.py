"""Run the tests on other versions: each environment is made afresh by uv, then runs the suite.

`lowest` takes the oldest version of every requirement that pyproject.toml allows, and so proves
the lower bounds. `compat` compares with django-totp. The others pair a Python with a Django. A
Python that this machine does not have is named as skipped; scripts/check.py decides whether that
is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ENVIRONMENTS", "Environment", "find_python"]

_EXTRAS = ".[drf,spectacular,jwt,simplejwt,demo]"
# What another version of a requirement can break: not races, attacks, documentation, fuzzing
# or the core, which imports next to nothing.
_SUITE = (
    *("tests/contract", "tests/drf", "--ignore=tests/drf/test_conformance.py", "tests/services"),
    *("tests/admin", "tests/commands", "tests/testing"),
)
_IN_PARALLEL = ("--numprocesses", os.environ.get("JOBS", "2"), "--dist", "worksteal")
# In one process, which prints one table.
_SIDE_BY_SIDE = ("--numprocesses", "0", "--ds=tests.compat.settings", "tests/compat")


@dataclass(frozen=True)
class Environment:
    """A Python version, what uv is told beside the project and its test group, and the tests."""

    python: str
    requirements: tuple[str, ...]
    suite: tuple[str, ...] = _SUITE


ENVIRONMENTS = {
    # The document of the API is what old versions of Pydantic broke.
    "lowest": Environment(
        "3.11",
        ("--resolution", "lowest-direct"),
        (*_SUITE, "tests/core", "tests/http", "tests/custom_user"),
    ),
    "compat": Environment("3.13", ("Django~=5.2.0", "django-totp==1.1.7"), _SIDE_BY_SIDE),
    "python3.12-django6.0": Environment("3.12", ("Django~=6.0.0",)),
    "python3.13-django6.1": Environment("3.13", ("Django~=6.1.0",)),
}


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    installed = Path.home().glob(f".pyenv/versions/{version}*/bin/python{version}")
    yield from sorted(installed, reverse=True)


def _is_version(python: Path, version: str) -> bool:
    # A shim of a version manager is on PATH even where its Python is not switched on.
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == version


def find_python(version: str) -> Path | None:
    """Return an interpreter of that version which really runs, or None."""
    return next((path for path in _candidates(version) if _is_version(path, version)), None)


def _run(*command: str | Path) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def _passes(name: str, environment: Environment, interpreter: Path) -> bool:
    uv = (sys.executable, "-m", "uv")
    python = Path(f".venv-{name}", "bin", "python")
    project = ("--editable", _EXTRAS, "--group", "test")
    return (
        _run(*uv, "venv", "--quiet", "--clear", "--python", interpreter, f".venv-{name}")
        and _run(*uv, "pip", "install", "--python", python, *project, *environment.requirements)
        and _run(python, "-m", "pytest", *_IN_PARALLEL, *environment.suite)
    )


def main(names: list[str]) -> int:
    """Return 1 when one of the named environments failed, else 0."""
    failed = False
    for name in names:
        environment = ENVIRONMENTS[name]
        interpreter = find_python(environment.python)
        if interpreter is None:
            print(f"SKIPPED {name}: no Python {environment.python} here", flush=True)
            continue
        print(f"== {name} ({interpreter})", flush=True)
        failed = not _passes(name, environment, interpreter) or failed
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
