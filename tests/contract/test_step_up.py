"""Proving the second factor again, while logged in."""

import jwt
import pytest

from tests.contract.errors import INVALID_CODE, NOT_ENABLED, SECOND_FACTOR_REQUIRED, locked
from tests.support.credentials import Bearer


def _claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_a_code_renews_the_tokens(client, ada):
    credential = ada.enrol()
    code = ada.next_code()

    answer = client.post("totp/verify/", {"otp_code": code}, credential)

    assert answer.status == 200
    assert set(answer.json) == {"verified_at", "access", "refresh"}
    assert answer.json["verified_at"] == "2027-01-15T08:01:10Z"


@pytest.mark.parametrize(
    ("kind", "amr"),
    [("otp_code", ["pwd", "otp", "mfa"]), ("backup_code", ["pwd", "backup_code", "mfa"])],
)
def test_the_new_tokens_say_what_was_proved_and_when(client, ada, kind, amr):
    credential = ada.enrol()
    proofs = {"otp_code": ada.next_code(), "backup_code": ada.backup_codes[0]}

    answer = client.post("totp/verify/", {kind: proofs[kind]}, credential)

    for token in (answer.json["access"], answer.json["refresh"]):
        assert _claims(token)["amr"] == amr
        assert _claims(token)["auth_time"] == ada.clock.now()


def test_a_token_from_before_enrolling_is_raised(client, ada):
    password_only = ada.log_in()
    ada.enrol()

    answer = client.post("totp/verify/", {"otp_code": ada.next_code()}, password_only)

    raised = Bearer(answer.json["access"])
    assert client.post("totp/rotate_backup_codes/", credential=raised).status == 200


def test_a_token_of_the_projects_own_kind_is_not_replaced(client, ada, foreign_token):
    ada.enrol()

    body, token = {"otp_code": ada.next_code()}, foreign_token(ada.user)
    answer = client.post("totp/verify/", body, token)
    change = client.post("totp/rotate_backup_codes/", credential=token)

    assert answer.status == 200
    assert set(answer.json) == {"verified_at"}
    assert change.outcome == SECOND_FACTOR_REQUIRED


def test_a_session_is_marked_and_its_key_changes(client, ada):
    browser = ada.open_browser()
    ada.enrol()
    key, csrf_token = browser.session_key, browser.csrf_token

    answer = client.post("totp/verify/", {"otp_code": ada.next_code()}, browser)

    assert answer.status == 200
    assert set(answer.json) == {"verified_at"}
    assert browser.session_key not in (None, key)
    assert browser.csrf_token != csrf_token


def test_a_backup_code_works_once(client, ada):
    credential = ada.enrol()
    body = {"backup_code": ada.backup_codes[0]}

    first = client.post("totp/verify/", body, credential)
    second = client.post("totp/verify/", body, credential)

    assert first.status == 200
    assert second.outcome == INVALID_CODE


def test_a_code_works_once(client, ada):
    credential = ada.enrol()
    body = {"otp_code": ada.next_code()}

    first = client.post("totp/verify/", body, credential)
    second = client.post("totp/verify/", body, credential)

    assert first.status == 200
    assert second.outcome == INVALID_CODE


def test_a_code_used_here_does_not_log_in(client, ada):
    credential = ada.enrol()
    code = ada.next_code()
    client.post("totp/verify/", {"otp_code": code}, credential)

    assert ada.answer_challenge(ada.challenge(), otp_code=code).outcome == INVALID_CODE


def test_a_wrong_code_is_refused(client, ada):
    credential = ada.enrol()

    answer = client.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential)

    assert answer.outcome == INVALID_CODE


def test_a_factor_is_needed(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    answer = client.post("totp/verify/", {"otp_code": ada.code()}, credential)

    assert answer.outcome == NOT_ENABLED


def test_five_wrong_codes_lock(client, ada):
    credential = ada.enrol()
    for _ in range(5):
        client.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential)

    answer = client.post("totp/verify/", {"otp_code": ada.code(steps=1)}, credential)

    assert answer.outcome == locked(30)
    assert answer.headers["Retry-After"] == "30"


@pytest.mark.parametrize("body", [{}, {"otp_code": "123456", "backup_code": "x"}])
def test_exactly_one_proof_is_asked_for(client, ada, body):
    credential = ada.enrol()

    answer = client.post("totp/verify/", body, credential)

    assert answer.status == client.invalid_status
