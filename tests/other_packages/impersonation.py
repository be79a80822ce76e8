"""django-hijack: impersonating a user proves nobody's second factor."""

import pytest
from django.contrib.auth import get_user_model

from tests.other_packages.conftest import verify
from tests.support.people import PASSWORD, Person


@pytest.fixture
def staff(browser, ada):
    """Ada's browser, in which she has entered her code."""
    browser.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    verify(browser, ada)
    return browser


def _acquire(browser, user):
    return browser.post("/hijack/acquire/", {"user_pk": user.pk})


def _user(browser):
    return int(browser.session["_auth_user_id"])


def test_who_has_not_proved_their_own_factor_impersonates_nobody(browser, ada, grace):
    browser.post("/admin/login/", {"username": "ada", "password": PASSWORD})

    _acquire(browser, grace.user)

    assert _user(browser) == ada.user.pk


def test_a_user_without_a_factor_can_be_impersonated(staff, grace):
    _acquire(staff, grace.user)

    assert staff.get("/members/").content.decode().endswith(": grace")


def test_a_user_with_a_factor_is_not_without_their_code(staff, door, clock):
    grace = Person(door, clock, "grace")
    grace.enrol()
    _acquire(staff, grace.user)
    before = staff.get("/members/")
    verify(staff, grace)  # who is on the phone

    assert (_user(staff), before["Location"]) == (grace.user.pk, "/verify/?next=/members/")
    assert staff.get("/members/").status_code == 200


def test_the_code_of_who_impersonates_is_not_theirs(staff, ada, door, clock):
    grace = Person(door, clock, "grace")
    grace.enrol()
    _acquire(staff, grace.user)

    staff.post("/verify/", {"code": ada.next_code()})

    assert staff.get("/members/").status_code == 302


def test_going_back_needs_the_path_named_and_asks_again(staff, ada, door, clock, settings):
    grace = Person(door, clock, "grace")
    grace.enrol()
    _acquire(staff, grace.user)
    staff.post("/hijack/release/")
    before = _user(staff)
    settings.TOTP_EXEMPT_PATHS = ["/hijack/release/"]
    staff.post("/hijack/release/")

    assert (before, _user(staff)) == (grace.user.pk, ada.user.pk)
    assert staff.get("/members/").status_code == 302
    assert get_user_model().objects.get(pk=before).username == "grace"
