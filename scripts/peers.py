"""Carry users over from the real packages: the tests of `manage.py import_totp` with none left out.

Two environments are made afresh by uv, since django-mfa2 and django-mfa3 cannot be in one. What is
tested stands in tests/importers/peers/; the versions are those of the groups in pyproject.toml.
"""

import os
import subprocess
import sys
from pathlib import Path

from environments import find_python

# django-totp needs 3.12 or newer; Django 5.2 is the newest that all of the packages know.
PYTHON = "3.13"
_DJANGO = "Django~=5.2.0"
_PEERS = {
    "peers": [
        "django_totp",
        "django_otp",
        "two_factor",
        "allauth_mfa",
        "drf_totp",
        "django_mfa",
        "trench",
        "mfa2",
        "dj_rest_auth_mfa",
    ],
    "peers-mfa3": ["mfa3"],
}
_COVERAGE = ("--rcfile", "tests/importers/coveragerc")
# They need none of the packages, and are here for what they reach of the sources.
_DAMAGED_ROWS = (
    *("--cov", "--cov-append", "--cov-config=tests/importers/coveragerc", "--cov-report="),
    "tests/importers/test_damaged_rows.py",
)


def _run(*command: str | Path, **environment: str) -> bool:
    print("==", *command, flush=True)
    return subprocess.run(command, env=os.environ | environment, check=False).returncode == 0


def _passes(group: str, interpreter: Path) -> bool:
    uv = (sys.executable, "-m", "uv")
    python = Path(f".venv-{group}", "bin", "python")
    project = ("--editable", ".[drf,spectacular,jwt,simplejwt]", "--group", "test", _DJANGO)
    return (
        _run(*uv, "venv", "--quiet", "--clear", "--python", interpreter, f".venv-{group}")
        and _run(*uv, "pip", "install", "--python", python, *project, "--group", group)
        and _run(
            *(python, "-m", "pytest", "-rs", "tests/importers/test_peers.py"),
            TOTP_TEST_PEERS=" ".join(_PEERS[group]),
        )
    )


def main() -> int:
    """Return 1 when users of some package did not come along, or no Python is there to try it."""
    interpreter = find_python(PYTHON)
    if interpreter is None:
        print(f"no Python {PYTHON} here", file=sys.stderr)
        return 1
    Path(".coverage-importers").unlink(missing_ok=True)
    python = Path(".venv-peers", "bin", "python")
    failed = [group for group in _PEERS if not _passes(group, interpreter)]
    return int(
        bool(failed)
        or not _run(python, "-m", "pytest", *_DAMAGED_ROWS)
        or not _run(python, "-m", "coverage", "report", "--fail-under=97", *_COVERAGE)
    )


if __name__ == "__main__":
    sys.exit(main())
