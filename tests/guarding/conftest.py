"""Somebody with a token and a browser, before endpoints that are the project's own."""

import pytest

from tests.support.doors import NinjaDoor
from tests.support.people import Person


@pytest.fixture
def door(db, clock, settings):
    """A client of the Ninja door, without a limit on the rate of requests."""
    settings.TOTP_THROTTLE_RATE = None
    return NinjaDoor()


@pytest.fixture
def ada(door, clock):
    """Somebody who has no second factor yet."""
    return Person(door, clock, "ada")


@pytest.fixture
def browser(ada):
    """Ada's browser, in which she has given her password alone."""
    return ada.open_browser()
