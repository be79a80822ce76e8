"""Both doors, two users, a clock that stands still. No throttle: the policy has to hold alone."""

import pytest

from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person


@pytest.fixture
def clock(clock, settings):
    """The clock of the package."""
    settings.TOTP_THROTTLE_RATE = None
    return clock


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def client(request, db, clock):
    """A client of each door."""
    return request.param()


@pytest.fixture
def ninja(db, clock):
    """A client of the Ninja door."""
    return NinjaDoor()


@pytest.fixture
def drf(db, clock):
    """A client of the Django REST Framework door."""
    return DrfDoor()


@pytest.fixture
def ada(client, clock):
    """The owner of an authenticator and a sheet of backup codes."""
    return _enrolled(client, clock, "ada")


@pytest.fixture
def token_of_before(client, clock):
    """The owner of an authenticator, and a token of theirs that knows nothing of it."""
    grace = Person(client, clock, "grace")
    token = grace.log_in()
    grace.enrol()
    return grace, token


@pytest.fixture
def mallory(client, clock):
    """A user of the site like any other, with an authenticator of her own."""
    return _enrolled(client, clock, "mallory")


@pytest.fixture
def owner(ninja, clock):
    """As `ada`, for what can be tried at one door only."""
    return _enrolled(ninja, clock, "owner")


def _enrolled(door, clock, name):
    person = Person(door, clock, name)
    person.enrol()
    clock.advance(3600)
    return person
