"""A copy of a session cookie that somebody made before its user logged out (N17).

An engine that keeps sessions in the cookie itself cannot know that one has ended: `check` refuses
it.
"""

import pytest
from django.core.checks import run_checks
from django.test import Client

ENGINES = ["db", "cache", "cached_db", "file", "signed_cookies"]


@pytest.fixture(params=ENGINES)
def is_refused(request, settings, tmp_path):
    """Whether `check` refuses the engine in which sessions are kept."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    return "ninja_totp.E005" in {message.id for message in run_checks()}


def _verified(ada, client):
    browser = ada.open_browser()
    ada.enrol()
    client.post("totp/verify/", {"otp_code": ada.next_code()}, browser)
    return browser


def _status_with(cookies, client):
    thief = Client()
    for name, value in cookies.items():
        thief.cookies[name] = value
    return thief.post(
        f"{client.prefix}totp/rotate_backup_codes/", {}, "application/json"
    ).status_code


def test_it_is_good_for_nothing_or_the_engine_is_refused(ada, client, is_refused):
    browser = _verified(ada, client)
    copy = {name: cookie.value for name, cookie in browser._client.cookies.items()}
    before = _status_with(copy, client)
    browser.send("POST", "/ninja/session/delete/", content_type="application/json")

    after = _status_with(copy, client)

    assert before == 200
    assert after == (200 if is_refused else 401)


@pytest.mark.parametrize("engine", ["db", "signed_cookies"])
def test_only_the_one_engine_is_refused(settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    refused = "ninja_totp.E005" in {message.id for message in run_checks()}
    settings.ROOT_URLCONF = ()
    without_the_calls = "ninja_totp.E005" in {message.id for message in run_checks()}

    assert (refused, without_the_calls) == (engine == "signed_cookies", False)
