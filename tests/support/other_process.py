"""Tests in a process of their own, with settings and a database of their own."""

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["pass_there", "run_there"]

_ROOT = Path(__file__).parents[2]


def run_there(
    settings: str, *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run Python under `settings`, and return what came of it."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def pass_there(name: str, settings: str, *arguments: str, **variables: str) -> None:
    """Run pytest under `settings`, and fail with its output if a test fails there.

    `name` tells the database apart from those of other processes.
    """
    database = os.environ.get("TOTP_TEST_DATABASE_NAME", "ninja_totp")
    own = {"TOTP_TEST_DATABASE_NAME": f"{database}_{name}_{os.getpid()}"}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet"),
            *("-p", "no:cacheprovider", "-p", "no:xdist"),
            f"--ds={settings}",
            *arguments,
        ],
        cwd=_ROOT,
        env=os.environ | own | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-5_000:]
