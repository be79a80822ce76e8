"""A trusted device that logs in with a session: its token is a cookie that no script reads."""

import pytest

from ninja_totp.http.login import DEVICE_COOKIE
from ninja_totp.models import TrustedDevice
from tests.support.clock import StoppedClock
from tests.support.credentials import Browser
from tests.support.doors import NinjaDoor
from tests.support.people import Person

DAY = 86_400


@pytest.fixture
def ada(db, monkeypatch, settings):
    """Somebody with a second factor, at the door that has sessions."""
    settings.TOTP_THROTTLE_RATE = None
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * DAY
    person = Person(NinjaDoor(), StoppedClock().install(monkeypatch), "ada")
    person.enrol()
    return person


@pytest.fixture
def browser():
    """A browser that nobody is logged in with."""
    return Browser()


def first_step(ada, browser, **other):
    return ada.give_password(path="session/create/", credential=browser, **other)


def trust(ada, browser):
    """Log in with both factors in this browser, and have it trusted."""
    challenge = first_step(ada, browser).json["totp_challenge_token"]
    body = {
        "totp_challenge_token": challenge,
        "otp_code": ada.next_code(),
        "trust_device": "browser",
    }
    answer = ada.door.post("session/totp/verify/", body, browser)
    assert answer.outcome == (200, {})
    return cookie_of(browser)


def cookie_of(browser):
    return browser._client.cookies[DEVICE_COOKIE]


def log_out(ada, browser):
    assert ada.door.post("session/delete/", {}, browser).status == 204


def test_a_trusted_browser_is_asked_for_no_code(ada, browser):
    trust(ada, browser)
    log_out(ada, browser)

    answer = first_step(ada, browser)

    assert answer.outcome == (200, {"step": "logged_in", "is_totp_enabled": False})
    assert ada.door.get("totp/status/", browser).status == 200


def test_the_session_has_the_standing_of_a_password(ada, browser):
    trust(ada, browser)
    log_out(ada, browser)
    first_step(ada, browser)

    answer = ada.door.post("totp/disable/", {}, browser)

    assert (answer.status, answer.json["code"]) == (403, "second_factor_required")


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(ada, browser):
    cookie = trust(ada, browser)

    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 30 * DAY
    assert cookie["path"] == "/"


def test_the_cookie_goes_where_that_of_the_session_goes(ada, browser, settings):
    settings.SESSION_COOKIE_SECURE = True
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    settings.SESSION_COOKIE_PATH = "/ninja/"
    settings.SESSION_COOKIE_DOMAIN = "testserver"

    cookie = trust(ada, browser)

    assert cookie["secure"] is True
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/ninja/"
    assert cookie["domain"] == "testserver"


def test_the_cookie_is_another_one_after_each_login(ada, browser):
    first = trust(ada, browser).value
    log_out(ada, browser)
    first_step(ada, browser)

    assert cookie_of(browser).value != first


def test_a_copied_cookie_ends_the_trust(ada, browser):
    copied = trust(ada, browser).value
    log_out(ada, browser)
    first_step(ada, browser)
    thief = Browser()
    thief._client.cookies[DEVICE_COOKIE] = copied

    answer = first_step(ada, thief)

    assert answer.json["is_totp_enabled"] is True
    assert not TrustedDevice.objects.exists()


def test_a_token_in_the_body_is_none_for_a_session(ada, browser):
    token = trust(ada, browser).value
    elsewhere = Browser()

    answer = first_step(ada, elsewhere, trusted_device_token=token)

    assert answer.json["is_totp_enabled"] is True


def test_a_cookie_is_none_for_a_login_with_tokens(ada, browser):
    trust(ada, browser)

    answer = ada.give_password(credential=browser)

    assert answer.json["is_totp_enabled"] is True


def test_no_cookie_without_trust(ada, browser):
    first_step(ada, browser)

    assert DEVICE_COOKIE not in browser._client.cookies


def test_a_foreign_page_cannot_have_its_browser_trusted(ada, browser):
    challenge = first_step(ada, browser).json["totp_challenge_token"]
    body = {"totp_challenge_token": challenge, "otp_code": ada.next_code(), "trust_device": "x"}

    answer = ada.door.post("session/totp/verify/", body, browser.without_csrf_token())

    assert answer.json["code"] == "csrf_failed"
    assert not TrustedDevice.objects.exists()


def test_a_foreign_page_cannot_revoke_a_device(ada, browser):
    trust(ada, browser)
    device = TrustedDevice.objects.get().pk

    answer = ada.door.delete(f"totp/trusted_devices/{device}/", browser.without_csrf_token())

    assert (answer.status, answer.json["code"]) == (403, "csrf_failed")
    assert TrustedDevice.objects.exists()
    assert ada.door.delete(f"totp/trusted_devices/{device}/", browser).status == 204
