"""Runs each project of this folder in a process of its own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_WORLDS = {
    "databases_by_request": ["tests/world/on_databases_by_request.py"],
    "controllers": [
        *("tests/contract/test_enrolment.py", "tests/contract/test_session_login.py"),
        *("tests/contract/test_tokens.py", "tests/world/controllers_guarded.py"),
    ],
    "login_required": [
        "tests/contract/test_login_second_step.py",
        "tests/contract/test_enrolment.py",
    ],
    "without_time_zones": [
        *("tests/contract/test_status.py", "tests/contract/test_events.py"),
        *("tests/contract/test_trusted_devices.py", "tests/contract/test_step_up.py"),
        *("tests/contract/test_enrolment.py", "tests/contract/test_required.py"),
        *("tests/commands/test_one_user.py", "tests/recovery/test_confirming.py"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("world", _WORLDS)
def test_it_works_in(world):
    _run(world, _WORLDS[world])


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("TOTP_TEST_DATABASE") != "postgres" or find_spec("django_tenants") is None,
    reason="NO TENANTS WERE TESTED: they need PostgreSQL (make test-postgres).",
)
def test_it_works_with_tenants():
    _run("with_tenants", ["tests/world/on_tenants.py"])


def _run(world, tests):
    database = os.environ.get("TOTP_TEST_DATABASE_NAME", "ninja_totp")
    environment = os.environ | {"TOTP_TEST_DATABASE_NAME": f"{database}_{world}"}

    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet", "--numprocesses=0"),
            *("-p", "no:cacheprovider", f"--ds=tests.world.{world}"),
            *tests,
        ],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-5_000:]
