"""What only the REST framework door has is tested here; the contract of both is tests/contract."""

import json

import pytest
from rest_framework.test import APIClient

from tests.support.doors import DrfDoor
from tests.support.other_process import run_there
from tests.support.people import Person


@pytest.fixture(scope="session")
def document():
    """drf-spectacular's document of the views, in the making of which nothing was warned of."""
    process = run_there(
        "tests.drf.spectacular_settings",
        *("-m", "django", "spectacular", "--validate", "--fail-on-warn"),
        *("--format", "openapi-json"),
    )

    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.fixture
def door(db, clock, settings):
    """A client of the door, without a limit on the rate of requests."""
    settings.TOTP_THROTTLE_RATE = None
    return DrfDoor()


@pytest.fixture
def ada(door, clock):
    """Somebody who has no second factor yet."""
    return Person(door, clock, "ada")


@pytest.fixture
def api():
    """REST framework's own client for tests."""
    return APIClient()
