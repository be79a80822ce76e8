"""Runs each project of this folder in a process of its own."""

import os
from importlib.util import find_spec

import pytest

from tests.support.breadth import breadth
from tests.support.other_process import pass_there

_MORE_TIMES = [
    *("tests/contract/test_events.py", "tests/contract/test_step_up.py"),
    *("tests/contract/test_required.py", "tests/recovery/test_confirming.py"),
]
_WORLDS = {
    "databases_by_request": ["tests/world/on_databases_by_request.py"],
    "controllers": [
        *("tests/contract/test_enrolment.py", "tests/contract/test_session_login.py"),
        *("tests/contract/test_tokens.py", "tests/world/controllers_guarded.py"),
        # The controllers are those of the Ninja API; the other one is as everywhere.
        *("-k", "not drf"),
    ],
    "login_required": [
        "tests/contract/test_examples.py",  # every call with a body, at both APIs
        "tests/contract/test_status.py",
    ],
    "without_time_zones": [
        # Where a time is shown, and one where it is typed.
        *("tests/contract/test_status.py", "tests/contract/test_trusted_devices.py"),
        "tests/commands/test_one_user.py",
        # Both APIs show what the services read.
        *breadth(["-k", "not drf"], thorough=_MORE_TIMES),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("world", _WORLDS)
def test_it_works_in(world):
    pass_there(world, f"tests.world.{world}", "--no-migrations", *_WORLDS[world])


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("TOTP_TEST_DATABASE") != "postgres" or find_spec("django_tenants") is None,
    reason="NO TENANTS WERE TESTED: they need PostgreSQL (make test-postgres).",
)
def test_it_works_with_tenants():
    pass_there("with_tenants", "tests.world.with_tenants", "tests/world/on_tenants.py")
