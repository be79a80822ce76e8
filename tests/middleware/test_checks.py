"""What `manage.py check` says of a site behind the middleware."""

import pytest
from django.core.checks import run_checks
from django.urls import clear_script_prefix, set_script_prefix

from tests.middleware.conftest import MIDDLEWARE

AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


def _ids():
    ours = ("E004", "E005", "W002", "W012")
    found = [message.id.removeprefix("ninja_totp.") for message in run_checks()]
    return [one for one in found if one in ours]


def test_nothing_is_wrong_with_the_site_of_these_tests():
    assert _ids() == []


@pytest.mark.parametrize(
    ("middleware", "found"),
    [
        ([AUTHENTICATION, MIDDLEWARE], []),
        ([MIDDLEWARE, AUTHENTICATION], ["E004"]),
        ([MIDDLEWARE], ["E004"]),
        ([MIDDLEWARE, AUTHENTICATION, MIDDLEWARE], ["E004"]),
        (["no.such.Middleware", AUTHENTICATION, MIDDLEWARE], []),
    ],
)
def test_its_place_is_after_authentication(site, middleware, found):
    site.MIDDLEWARE = middleware

    assert _ids() == found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("verify", []),
        ("/verify/", []),
        ("/any/page", []),
        (None, ["W012"]),
        ("no-such-name", ["W012"]),
        ("/no/such/page", ["W012"]),
    ],
)
def test_the_page_for_the_code_is_there(site, page, found):
    site.TOTP_VERIFY_URL = page

    assert _ids() == found


@pytest.mark.parametrize("page", ["verify", "/sub/verify/"])
def test_it_is_there_at_a_site_below_a_path(site, request, page):
    request.addfinalizer(clear_script_prefix)
    set_script_prefix("/sub/")
    site.TOTP_VERIFY_URL = page

    assert _ids() == []


@pytest.mark.parametrize(
    ("required", "page", "found"),
    [
        ("staff", None, ["W012"]),
        ("staff", "no-such-name", ["W012"]),
        ("staff", "/any/page", []),
        (None, None, []),
    ],
)
def test_who_must_use_2fa_finds_a_page_to_set_it_up(site, required, page, found):
    site.TOTP_REQUIRED, site.TOTP_ENROL_URL = required, page

    assert _ids() == found


def test_a_wrong_setting_is_said_once(site):
    site.TOTP_EXEMPT_PATHS = "/health"

    assert _ids() == []
    assert "ninja_totp.E001" in [message.id for message in run_checks()]


def test_without_the_middleware_its_page_and_its_place_do_not_matter(site):
    site.MIDDLEWARE, site.TOTP_VERIFY_URL = [], None

    assert set(_ids()) == {"W002"}
