"""A Ninja door with nobody's rate limit, and hosts to mount routers on."""

import pytest

from tests.http.hosts import mounted
from tests.support.doors import NinjaDoor
from tests.support.people import Person


@pytest.fixture
def door(db, clock, settings):
    """A client of the routers in tests/urls.py, without a limit on the rate of requests."""
    settings.TOTP_THROTTLE_RATE = None
    return NinjaDoor()


@pytest.fixture
def ada(door, clock):
    """Somebody who has no second factor yet."""
    return Person(door, clock, "ada")


@pytest.fixture
def grace(door, clock):
    """Somebody else."""
    return Person(door, clock, "grace")


@pytest.fixture
def mount(settings):
    """A function that serves an API of the test's own, at the prefix of `door`."""

    def serve(*apis):
        settings.ROOT_URLCONF = mounted(*apis)

    return serve
