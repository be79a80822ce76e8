"""Enrolling: create and confirm."""

import re
from datetime import datetime

import pytest

from tests.contract.errors import (
    ALREADY_CONFIRMED,
    ALREADY_ENABLED,
    ENROLMENT_LOCKED,
    INVALID_ENROLMENT_CODE,
    NOT_ENROLLED,
    skewed,
)
from tests.support.credentials import Bearer
from tests.support.people import code_of

_BACKUP_CODE = re.compile("([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}")


def test_create_shows_the_secret_in_four_forms_until_it_expires(client, ada):
    answer = client.post("totp/create/", credential=ada.log_in())

    secret = answer.json["secret"]
    assert answer.status == 201
    assert set(answer.json) == {"svg", "uri", "secret", "secret_grouped", "expires_at"}
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    assert answer.json["secret_grouped"].replace(" ", "") == secret
    assert answer.json["uri"] == (
        f"otpauth://totp/ninja-totp%20tests:ada?secret={secret}&issuer=ninja-totp%20tests"
    )
    assert answer.json["svg"].startswith("<svg")
    assert answer.json["expires_at"] == "2027-01-15T08:10:10Z"


def test_create_ignores_what_it_does_not_know(client, ada):
    answer = client.post("totp/create/", {"secret": "A" * 32}, ada.log_in())

    assert answer.status == 201
    assert answer.json["secret"] != "A" * 32


def test_create_switches_nothing_on(client, ada):
    client.post("totp/create/", credential=ada.log_in())

    assert ada.give_password().json["is_totp_enabled"] is False


def test_create_once_more_replaces_what_was_pending(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    older = ada.secret
    ada.start(credential)

    refused = client.post(
        "totp/confirm/", {"input_code": code_of(older, ada.clock.now())}, credential
    )

    assert refused.json["detail"] == (
        "Invalid TOTP code. You may have scanned an older QR code. Scan the newest one."
    )
    assert refused.json["code"] == "invalid_code"
    assert ada.confirm(credential).status == 200


def test_create_once_more_gives_fresh_attempts(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    for _ in range(5):
        client.post("totp/confirm/", {"input_code": ada.wrong_code()}, credential)
    ada.start(credential)

    assert ada.confirm(credential).status == 200


def test_create_is_refused_while_a_factor_is_in_use(client, ada):
    credential = ada.enrol()

    answer = client.post("totp/create/", credential=credential)

    assert answer.outcome == ALREADY_ENABLED


def test_confirm_gives_backup_codes_and_tokens_of_verified_standing(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.status == 200
    assert set(answer.json) == {"backup_codes", "access", "refresh"}
    assert len(set(answer.json["backup_codes"])) == 10
    assert all(_BACKUP_CODE.fullmatch(code) for code in answer.json["backup_codes"])
    verified = Bearer(answer.json["access"])
    assert client.post("totp/rotate_backup_codes/", credential=verified).status == 200


def test_confirm_gives_no_tokens_to_a_caller_with_a_token_of_the_projects_own(
    client, ada, foreign_token
):
    credential = foreign_token(ada.user)
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.status == 200
    assert set(answer.json) == {"backup_codes"}


def test_a_session_that_confirmed_counts_as_verified(client, ada):
    browser = ada.open_browser()
    ada.start(browser)

    answer = ada.confirm(browser)

    assert set(answer.json) == {"backup_codes"}
    assert client.post("totp/disable/", credential=browser).status == 204


def test_confirm_switches_the_second_step_on(client, ada):
    ada.enrol()

    assert ada.give_password().json["is_totp_enabled"] is True


@pytest.mark.parametrize("typed", ["{} {}", " {}{} ", "{}-{}", "{}{}\n"])
def test_confirm_forgives_how_a_code_is_typed(client, ada, typed):
    credential = ada.log_in()
    ada.start(credential)
    code = ada.code()

    answer = client.post(
        "totp/confirm/", {"input_code": typed.format(code[:3], code[3:])}, credential
    )

    assert answer.status == 200


def test_confirm_ignores_what_it_does_not_know(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    body = {"input_code": ada.code(), "secret": "A" * 32, "user": 1}

    assert client.post("totp/confirm/", body, credential).status == 200


def test_confirm_refuses_a_wrong_code(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.wrong_code()}, credential)

    assert answer.outcome == INVALID_ENROLMENT_CODE
    assert answer.attempts_left == 4


@pytest.mark.parametrize("steps", [-20, -2, 2, 20])
def test_confirm_says_how_far_a_clock_is_off_and_accepts_nothing(client, ada, steps):
    credential = ada.log_in()
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code(steps=steps)}, credential)

    assert answer.outcome == skewed(steps * 30)
    assert ada.give_password().json["is_totp_enabled"] is False


@pytest.mark.parametrize("steps", [-21, 21])
def test_confirm_does_not_look_further_than_ten_minutes(client, ada, steps):
    credential = ada.log_in()
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code(steps=steps)}, credential)

    assert answer.outcome == INVALID_ENROLMENT_CODE


@pytest.mark.parametrize("steps", [-1, 1])
def test_confirm_accepts_the_neighbouring_codes(client, ada, steps):
    credential = ada.log_in()
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code(steps=steps)}, credential)

    assert answer.status == 200


def test_confirm_needs_an_enrolment(client, ada):
    answer = client.post("totp/confirm/", {"input_code": "123456"}, ada.log_in())

    assert answer.outcome == NOT_ENROLLED


def test_a_pending_secret_expires(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    ada.clock.advance(600)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.outcome == NOT_ENROLLED


def test_confirm_is_refused_twice(client, ada):
    credential = ada.enrol()

    answer = client.post("totp/confirm/", {"input_code": ada.next_code()}, credential)

    assert answer.outcome == ALREADY_CONFIRMED


def _fail_to_confirm(client, ada, credential, times=5):
    for _ in range(times):
        client.post("totp/confirm/", {"input_code": ada.wrong_code()}, credential)


def test_a_pending_secret_is_used_up_by_five_wrong_codes(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    _fail_to_confirm(client, ada, credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.outcome == ENROLMENT_LOCKED
    assert "Retry-After" not in answer.headers
    assert ada.give_password().json["is_totp_enabled"] is False


def test_no_waiting_makes_a_used_up_secret_right(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    _fail_to_confirm(client, ada, credential)
    ada.clock.advance(599)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.outcome == ENROLMENT_LOCKED


def test_a_code_is_right_after_four_wrong_ones(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    _fail_to_confirm(client, ada, credential, times=4)

    assert ada.confirm(credential).status == 200


def test_wrong_codes_keep_nobody_from_enrolling(client, ada):
    credential = ada.log_in()
    for _ in range(5):
        ada.start(credential)
        _fail_to_confirm(client, ada, credential)
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.status == 200


def test_the_codes_of_a_used_up_secret_confirm_no_later_one(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    older = ada.code()
    _fail_to_confirm(client, ada, credential)
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": older}, credential)

    assert answer.json["code"] == "invalid_code"


def test_wrong_codes_of_an_enrolment_lock_no_login(client, ada):
    credential = ada.enrol()
    phone, ada.secret = (
        ada.secret,
        client.post("totp/replace/", credential=credential).json["secret"],
    )
    _fail_to_confirm(client, ada, credential)
    used_up = client.post("totp/confirm/", {"input_code": ada.code()}, credential)
    ada.secret = phone

    assert used_up.outcome == ENROLMENT_LOCKED
    assert ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).status == 200


def test_a_lock_of_the_account_stops_no_replacement(client, ada):
    credential = ada.enrol()
    ada.fail(5)
    ada.secret = client.post("totp/replace/", credential=credential).json["secret"]
    _fail_to_confirm(client, ada, credential)
    used_up = client.post("totp/confirm/", {"input_code": ada.code()}, credential)
    ada.secret = client.post("totp/replace/", credential=credential).json["secret"]

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert used_up.outcome == ENROLMENT_LOCKED
    assert answer.status == 200


def test_a_lock_of_the_account_stops_no_new_enrolment(client, ada):
    credential = ada.enrol()
    ada.fail(5)
    client.post("totp/disable/", credential=credential)
    ada.start(credential)

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.status == 200


def test_wrong_codes_of_an_enrolment_leave_no_line_in_the_history(client, ada):
    credential = ada.log_in()
    ada.start(credential)
    _fail_to_confirm(client, ada, credential)

    assert client.get("totp/events/", credential).json["events"] == []


def test_confirm_needs_a_code(client, ada):
    answer = client.post("totp/confirm/", {}, ada.log_in())

    assert answer.outcome == client.missing("input_code")


def test_the_code_that_confirmed_does_not_log_in(client, ada):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code())

    assert answer.json["code"] == "invalid_code"


def test_a_site_says_how_long_an_enrolment_may_take(client, ada, settings):
    settings.TOTP_PENDING_MAX_AGE = 900
    credential = ada.log_in()
    setup = client.post("totp/create/", credential=credential).json
    ada.secret = setup["secret"]
    ends = ada.clock.now() + 900

    ada.clock.advance(899 - 30)
    assert ada.confirm(credential).status == 200
    assert datetime.fromisoformat(setup["expires_at"]).timestamp() == ends


def test_an_app_shows_the_issuer_and_not_the_name_in_mails(client, ada, settings):
    settings.TOTP_ISSUER, settings.SITE_NAME = "Example", "The site of examples"

    uri = client.post("totp/create/", credential=ada.log_in()).json["uri"]

    assert "issuer=Example" in uri
    assert "The" not in uri
