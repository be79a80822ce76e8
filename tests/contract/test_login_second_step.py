"""The second step of a login: the challenge, and a code or a backup code."""

import jwt
import pytest

from tests.contract.errors import INVALID_CHALLENGE, INVALID_CODE
from tests.support.credentials import Bearer


def _claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_a_code_logs_in(client, ada):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert answer.status == 200
    assert set(answer.json) == {"access", "refresh"}
    assert client.get("totp/status/", Bearer(answer.json["access"])).status == 200


def test_tokens_of_both_factors_say_so(client, ada):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    for token in (answer.json["access"], answer.json["refresh"]):
        assert _claims(token)["amr"] == ["pwd", "otp", "mfa"]
        assert _claims(token)["auth_time"] == ada.clock.now()


def test_a_backup_code_logs_in_and_says_how_many_are_left(client, ada):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    assert answer.status == 200
    assert set(answer.json) == {"access", "refresh", "backup_codes_remaining"}
    assert answer.json["backup_codes_remaining"] == 9
    assert _claims(answer.json["access"])["amr"] == ["pwd", "backup_code", "mfa"]


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " ")])
def test_how_a_backup_code_is_typed_does_not_matter(client, ada, typed):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), backup_code=typed(ada.backup_codes[0]))

    assert answer.status == 200


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_neighbouring_codes_work(client, ada, steps):
    ada.enrol()
    ada.clock.advance(60)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=steps))

    assert answer.status == 200


@pytest.mark.parametrize("steps", [-2, 2])
def test_codes_further_away_do_not(client, ada, steps):
    ada.enrol()
    ada.clock.advance(120)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=steps))

    assert answer.outcome == INVALID_CODE


def test_a_wrong_code_is_refused(client, ada):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())

    assert answer.outcome == INVALID_CODE


def test_a_used_code_is_refused_like_a_wrong_one(client, ada):
    ada.enrol()
    code = ada.next_code()
    ada.answer_challenge(ada.challenge(), otp_code=code)

    answer = ada.answer_challenge(ada.challenge(), otp_code=code)

    assert answer.outcome == INVALID_CODE


def test_a_used_code_typed_differently_is_the_same_code(client, ada):
    ada.enrol()
    code = ada.next_code()
    ada.answer_challenge(ada.challenge(), otp_code=code)

    answer = ada.answer_challenge(ada.challenge(), otp_code=f" {code[:3]} {code[3:]}")

    assert answer.outcome == INVALID_CODE


def test_an_older_code_than_the_one_used_is_refused(client, ada):
    ada.enrol()
    ada.clock.advance(60)
    ada.answer_challenge(ada.challenge(), otp_code=ada.code())

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=-1))

    assert answer.outcome == INVALID_CODE


def test_a_used_backup_code_is_refused(client, ada):
    ada.enrol()
    ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    answer = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    assert answer.outcome == INVALID_CODE


def test_somebody_elses_backup_code_is_refused(client, ada, grace):
    ada.enrol()
    grace.enrol()

    answer = ada.answer_challenge(ada.challenge(), backup_code=grace.backup_codes[0])

    assert answer.outcome == INVALID_CODE


def test_a_challenge_is_required(client):
    answer = client.post("jwt/totp/verify/", {"otp_code": "123456"})

    assert answer.outcome == client.missing("totp_challenge_token")


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"otp_code": "123456", "backup_code": "x"},
        {"otp_code": "123456", "otp_codes": ["123456", "654321"]},
        {"otp_codes": ["123456"]},
        {"otp_codes": ["123456", "654321", "111111"]},
    ],
)
def test_exactly_one_proof_is_asked_for(client, ada, proof):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), **proof)

    assert answer.status == client.invalid_status


def test_the_rule_of_the_jwt_library_is_asked_again(client, ada, monkeypatch):
    ada.enrol()
    ada.clock.advance(90)
    challenge = ada.challenge()
    rule = "ninja_totp.http.issuers.jwt._JSONWebTokens.may_log_in"
    monkeypatch.setattr(rule, lambda *_: False)

    answer = ada.answer_challenge(challenge, otp_code=ada.code())

    assert answer.outcome == INVALID_CHALLENGE
