"""Django's session as the credential, and the mark in it."""

import pytest
from django.contrib.auth import SESSION_KEY, get_user, login
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in

from ninja_totp.http.issuers import Session
from ninja_totp.services import AuthContext
from ninja_totp.services.step_up import PASSWORD_ONLY
from tests.support.cast import BACKEND

pytestmark = pytest.mark.django_db

BY_CODE = AuthContext(verified_at=1_800_000_000, generation=7, method="otp")
issuer = Session()


@pytest.fixture
def request_of_a_browser(request_with_session):
    request_with_session.session.save()
    return request_with_session


def test_logging_in_starts_a_session_of_the_user(request_of_a_browser, ada):
    assert issuer.log_in(request_of_a_browser, ada, PASSWORD_ONLY) == {}

    assert get_user(request_of_a_browser) == ada


def test_logging_in_is_announced_by_django(request_of_a_browser, ada):
    heard = []
    user_logged_in.connect(hear := lambda user, **_: heard.append(user))

    issuer.log_in(request_of_a_browser, ada, BY_CODE)
    user_logged_in.disconnect(hear)

    assert heard == [ada]


def test_the_session_brings_back_its_standing(request_of_a_browser, ada):
    issuer.log_in(request_of_a_browser, ada, BY_CODE)

    assert issuer.auth_context_of(request_of_a_browser, ada) == BY_CODE


def test_a_session_that_proved_no_second_factor_carries_no_mark(request_of_a_browser, ada):
    issuer.log_in(request_of_a_browser, ada, PASSWORD_ONLY)

    assert issuer.auth_context_of(request_of_a_browser, ada) == PASSWORD_ONLY


def test_a_session_of_another_login_view_carries_no_mark(request_of_a_browser, ada):
    login(request_of_a_browser, ada, backend=BACKEND)

    assert issuer.auth_context_of(request_of_a_browser, ada) == PASSWORD_ONLY


def test_logging_in_and_renewing_change_the_key(request_of_a_browser, ada):
    session = request_of_a_browser.session
    keys = [session.session_key]

    issuer.log_in(request_of_a_browser, ada, PASSWORD_ONLY)
    keys.append(session.session_key)
    issuer.renew(request_of_a_browser, ada, BY_CODE)
    keys.append(session.session_key)

    assert len(set(keys)) == 3
    assert not [key for key in keys[:-1] if session.exists(key)]


def test_renewing_changes_the_csrf_token(request_of_a_browser, ada):
    issuer.log_in(request_of_a_browser, ada, PASSWORD_ONLY)
    before = request_of_a_browser.META["CSRF_COOKIE"]

    issuer.renew(request_of_a_browser, ada, BY_CODE)

    assert request_of_a_browser.META["CSRF_COOKIE"] != before
    assert issuer.auth_context_of(request_of_a_browser, ada) == BY_CODE


def test_a_login_by_password_takes_the_mark_away(request_of_a_browser, ada):
    issuer.log_in(request_of_a_browser, ada, BY_CODE)

    issuer.log_in(request_of_a_browser, ada, PASSWORD_ONLY)

    assert issuer.auth_context_of(request_of_a_browser, ada) == PASSWORD_ONLY


def test_a_session_says_nothing_of_somebody_else(request_of_a_browser, ada, bob):
    issuer.log_in(request_of_a_browser, ada, BY_CODE)

    assert issuer.auth_context_of(request_of_a_browser, bob) is None


def test_the_mark_does_not_pass_to_the_next_user_of_the_browser(request_of_a_browser, ada, bob):
    issuer.log_in(request_of_a_browser, ada, BY_CODE)

    login(request_of_a_browser, bob, backend=BACKEND)

    assert issuer.auth_context_of(request_of_a_browser, bob) == PASSWORD_ONLY


def test_a_mark_of_somebody_else_is_none(request_of_a_browser, ada, bob):
    issuer.log_in(request_of_a_browser, ada, BY_CODE)
    request_of_a_browser.session[SESSION_KEY] = str(bob.pk)

    assert issuer.auth_context_of(request_of_a_browser, bob) == PASSWORD_ONLY


def test_the_mark_of_a_session_that_a_new_password_ended_is_none(request_of_a_browser, ada):
    """It may lie beside a password in each request, which Django does not hold against it."""
    issuer.log_in(request_of_a_browser, ada, BY_CODE)
    ada.set_password("another")

    assert issuer.auth_context_of(request_of_a_browser, ada) == PASSWORD_ONLY


def test_a_mark_outlives_a_new_secret_key_that_has_the_old_one_as_fallback(
    request_of_a_browser, ada, settings
):
    issuer.log_in(request_of_a_browser, ada, BY_CODE)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"

    assert issuer.auth_context_of(request_of_a_browser, ada) == BY_CODE


def test_a_request_without_sessions_has_no_standing(rf, ada):
    assert issuer.auth_context_of(rf.post("/"), ada) is None


def test_a_challenge_is_remembered_by_the_browser_that_asked_for_it(request_of_a_browser):
    issuer.remember_challenge(request_of_a_browser, "a digest")

    assert issuer.remembers_challenge(request_of_a_browser, "a digest")
    assert not issuer.remembers_challenge(request_of_a_browser, "another digest")


def test_no_other_browser_remembers_the_challenge(request_of_a_browser):
    assert not issuer.remembers_challenge(request_of_a_browser, "a digest")


def test_the_next_challenge_takes_the_place_of_the_last_one(request_of_a_browser):
    issuer.remember_challenge(request_of_a_browser, "a digest")
    issuer.remember_challenge(request_of_a_browser, "another digest")

    assert not issuer.remembers_challenge(request_of_a_browser, "a digest")


def test_a_login_forgets_the_challenge(request_of_a_browser, ada):
    issuer.remember_challenge(request_of_a_browser, "a digest")

    issuer.log_in(request_of_a_browser, ada, BY_CODE)

    assert not issuer.remembers_challenge(request_of_a_browser, "a digest")


def test_logging_out_ends_session_mark_and_challenge(request_of_a_browser, ada):
    request_of_a_browser.user = ada
    issuer.log_in(request_of_a_browser, ada, BY_CODE)
    issuer.remember_challenge(request_of_a_browser, "a digest")

    issuer.log_out(request_of_a_browser)

    assert request_of_a_browser.user == AnonymousUser()
    assert not list(request_of_a_browser.session.keys())
    assert not issuer.remembers_challenge(request_of_a_browser, "a digest")
