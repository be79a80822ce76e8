"""Logging in with Django's session, which is at the Ninja door only: CSRF, cookies, the mark."""

import pytest
from django.contrib.auth.signals import user_logged_in

from tests.contract.errors import (
    CSRF_FAILED,
    INVALID_CHALLENGE,
    INVALID_CODE,
    INVALID_CREDENTIALS,
    NOT_AUTHENTICATED,
    locked,
)
from tests.support.credentials import Browser
from tests.support.doors import NinjaDoor
from tests.support.people import Person


@pytest.fixture
def door(db, clock, settings):
    """The Ninja door, without a limit on the rate of requests."""
    settings.TOTP_THROTTLE_RATE = None
    return NinjaDoor()


@pytest.fixture
def ada(door, clock):
    """Somebody who has no second factor yet."""
    return Person(door, clock, "ada")


@pytest.fixture
def browser():
    """A browser that nobody is logged in with."""
    return Browser()


def _first_step(ada, browser, **other):
    return ada.give_password(path="session/create/", credential=browser, **other)


def _second_step(ada, browser, challenge, **proof):
    body = {"totp_challenge_token": challenge} | proof
    return ada.door.post("session/totp/verify/", body, browser)


def test_who_must_enrol_is_logged_in_by_enrolling(door, ada, browser, settings):
    settings.TOTP_REQUIRED = "all"
    token = _first_step(ada, browser).json["totp_enrolment_token"]
    assert door.get("totp/status/", browser).outcome == NOT_AUTHENTICATED
    ada.scan("session/totp/create/", token, browser)

    body = {"totp_enrolment_token": token, "input_code": ada.next_code()}
    answer = door.post("session/totp/confirm/", body, browser)

    assert set(answer.json) == {"backup_codes"}
    assert door.get("totp/status/", browser).json["is_totp_enabled"] is True
    assert door.post("totp/rotate_backup_codes/", credential=browser).status == 200


@pytest.mark.parametrize("path", ["session/totp/create/", "session/totp/confirm/"])
def test_an_enrolment_token_is_of_use_in_its_browser_only(door, ada, browser, settings, path):
    settings.TOTP_REQUIRED = "all"
    token = _first_step(ada, browser).json["totp_enrolment_token"]
    body = {"totp_enrolment_token": token, "input_code": "123456"}

    assert door.post(path, body, Browser()).outcome == INVALID_CHALLENGE
    assert door.post(path.replace("session", "jwt"), body).outcome == INVALID_CHALLENGE


def test_a_password_is_enough_without_a_factor(door, ada, browser):
    answer = _first_step(ada, browser)

    assert answer.outcome == (200, {"step": "logged_in", "is_totp_enabled": False})
    assert door.get("totp/status/", browser).status == 200


def test_with_a_factor_a_password_opens_no_session(door, ada, browser):
    ada.enrol()

    answer = _first_step(ada, browser)

    assert answer.status == 200
    assert set(answer.json) == {"step", "is_totp_enabled", "totp_challenge_token"}
    assert door.get("totp/status/", browser).outcome == NOT_AUTHENTICATED


def test_a_code_opens_a_marked_session(door, ada, browser):
    ada.enrol()
    challenge = _first_step(ada, browser).json["totp_challenge_token"]

    answer = _second_step(ada, browser, challenge, otp_code=ada.next_code())

    assert answer.outcome == (200, {})
    assert door.post("totp/disable/", credential=browser).status == 204


def test_a_backup_code_opens_one_and_says_how_many_are_left(door, ada, browser):
    ada.enrol()
    challenge = _first_step(ada, browser).json["totp_challenge_token"]

    answer = _second_step(ada, browser, challenge, backup_code=ada.backup_codes[0])

    assert answer.outcome == (200, {"backup_codes_remaining": 9})


def test_the_session_key_changes_at_each_step(door, ada, browser):
    ada.enrol()
    challenge = _first_step(ada, browser).json["totp_challenge_token"]
    before = browser.session_key

    _second_step(ada, browser, challenge, otp_code=ada.next_code())

    assert before
    assert browser.session_key not in (None, before)


def test_django_is_told_of_a_login_once_it_is_complete(door, ada, browser):
    ada.enrol()
    told = []
    receiver = lambda user, **_: told.append(user.pk)  # noqa: E731 - kept alive by its name
    user_logged_in.connect(receiver)

    challenge = _first_step(ada, browser).json["totp_challenge_token"]
    after_password = list(told)
    _second_step(ada, browser, challenge, otp_code=ada.next_code())

    user_logged_in.disconnect(receiver)
    assert (after_password, told) == ([], [ada.user.pk])


def test_somebody_elses_session_is_not_taken_over(door, clock, ada, browser):
    grace = Person(door, clock, "grace")
    _first_step(grace, browser)
    key = browser.session_key

    _first_step(ada, browser)

    assert browser.session_key not in (None, key)
    assert "ada" in door.post("totp/create/", credential=browser).json["uri"]


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"username": "nobody"}])
def test_unknown_and_wrong_are_answered_alike(door, ada, browser, wrong):
    assert _first_step(ada, browser, **wrong).outcome == INVALID_CREDENTIALS


def test_a_challenge_from_another_browser_is_refused(door, ada, browser):
    ada.enrol()
    challenge = _first_step(ada, Browser()).json["totp_challenge_token"]

    answer = _second_step(ada, browser, challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_a_challenge_for_a_token_opens_no_session(door, ada, browser):
    ada.enrol()

    answer = _second_step(ada, browser, ada.challenge(), otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_a_challenge_dies_with_the_session_that_it_was_opened_in(door, ada, browser):
    ada.enrol()
    challenge = _first_step(ada, browser).json["totp_challenge_token"]
    door.post("session/delete/", credential=browser)

    answer = _second_step(ada, browser, challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_a_wrong_code_is_refused(door, ada, browser):
    ada.enrol()
    challenge = _first_step(ada, browser).json["totp_challenge_token"]

    answer = _second_step(ada, browser, challenge, otp_code=ada.wrong_code())

    assert answer.outcome == INVALID_CODE


def test_the_lock_is_the_same_as_for_tokens(door, ada, browser):
    ada.enrol()
    ada.fail(5)
    challenge = _first_step(ada, browser).json["totp_challenge_token"]

    answer = _second_step(ada, browser, challenge, otp_code=ada.code(steps=1))

    assert answer.outcome == locked(30)


def test_logging_out_ends_the_session(door, ada, browser):
    _first_step(ada, browser)

    answer = door.post("session/delete/", credential=browser)

    assert answer.status == 204
    assert door.get("totp/status/", browser).outcome == NOT_AUTHENTICATED


def test_logging_out_twice_is_no_error(door, browser):
    door.post("session/delete/", credential=browser)

    assert door.post("session/delete/", credential=browser).status == 204


def test_a_session_login_leaves_no_mark_without_a_factor(door, ada, browser):
    _first_step(ada, browser)
    ada.enrol()

    assert door.post("totp/disable/", credential=browser).status == 403


class TestForeignPage:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("session/create/", {"username": "ada", "password": "x"}),
            ("session/totp/verify/", {"totp_challenge_token": "x", "otp_code": "123456"}),
            ("session/delete/", {}),
        ],
    )
    def test_it_logs_nobody_in_or_out(self, door, ada, browser, path, body):
        _first_step(ada, browser)

        answer = door.post(path, body, browser.without_csrf_token())

        assert answer.outcome == CSRF_FAILED
        assert door.get("totp/status/", browser).status == 200

    @pytest.mark.parametrize(
        "path",
        [
            "totp/create/",
            "totp/confirm/",
            "totp/verify/",
            "totp/disable/",
            "totp/rotate_backup_codes/",
            "totp/replace/",
        ],
    )
    def test_it_changes_no_factor(self, door, ada, browser, path):
        _first_step(ada, browser)
        body = {"input_code": "123456", "otp_code": "123456"}

        answer = door.post(path, body, browser.without_csrf_token())

        assert answer.outcome == CSRF_FAILED
