"""Ada, who has a second factor and runs the site, and a browser of whoever has her password."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.guarding.conftest import door
from tests.support.people import Person

__all__ = ["PAGE", "door", "verify"]

PAGE = {"Accept": "text/html"}


def verify(browser, person):
    """Enter a code on the page for it."""
    assert browser.post("/verify/", {"code": person.next_code()}).status_code == 302


@pytest.fixture
def ada(door, clock):
    """Somebody who runs the site and has a second factor."""
    ada = Person(door, clock, "ada")
    get_user_model().objects.filter(pk=ada.user.pk).update(
        is_staff=True, is_superuser=True, email="ada@example.com"
    )
    ada.user.refresh_from_db()
    ada.enrol()
    return ada


@pytest.fixture
def grace(door, clock):
    """Somebody else, without one."""
    return Person(door, clock, "grace")


@pytest.fixture
def browser(db):
    """A browser before the site."""
    return Client(headers=PAGE)
