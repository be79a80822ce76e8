"""Each test of the contract runs at both doors, as long as both are installed."""

from importlib.util import find_spec

import pytest
from ninja_jwt.tokens import AccessToken

from tests.support.credentials import Bearer
from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def client(request, db, clock, settings):
    """A client of one door, without a limit on the rate of requests."""
    _require(request.param)
    settings.TOTP_THROTTLE_RATE = None
    return request.param()


def _require(door):
    if door is DrfDoor and not (find_spec("drf_compat") and find_spec("drf_compat.urls")):
        pytest.skip("drf_compat IS NOT INSTALLED: half of the contract was not tested.")


@pytest.fixture
def ada(client, clock):
    """Somebody who has no second factor yet."""
    return Person(client, clock, "ada")


@pytest.fixture
def grace(client, clock):
    """Somebody else."""
    return Person(client, clock, "grace")


@pytest.fixture
def foreign_token():
    """A function that makes a token of a project's own kind: it says nothing of a factor."""
    return lambda user: Bearer(str(AccessToken.for_user(user)))
