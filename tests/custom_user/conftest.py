"""Each door, with all databases of the variant at hand."""

from importlib.util import find_spec

import pytest
from django.conf import settings as project

from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person

_NAMES = {
    "badge": ("4711", "815"),
    "phone": ("+41446681800", "+12125552368"),
}
_DOORS = [NinjaDoor, *([DrfDoor] if find_spec("drf_compat") else [])]


@pytest.fixture(params=_DOORS)
def door(request, db, settings):
    """A client of one door, without a limit on the rate of requests."""
    settings.TOTP_THROTTLE_RATE = None
    return request.param()


@pytest.fixture
def names(django_user_model):
    """What two people sign in with."""
    return _NAMES.get(django_user_model.USERNAME_FIELD, ("ada@example.com", "grace@example.com"))


@pytest.fixture
def ada(door, clock, names):
    """Somebody who has no second factor yet."""
    return Person(door, clock, names[0])


@pytest.fixture
def grace(door, clock, names):
    """Somebody else."""
    return Person(door, clock, names[1])


@pytest.fixture
def databases():
    """The aliases of the variant's databases."""
    return list(project.DATABASES)
