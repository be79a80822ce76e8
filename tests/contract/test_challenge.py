"""The challenge between the two steps: how long it lives, what ends it, what it is no good for."""

from typing import ClassVar

import pytest
from django.contrib.auth.backends import ModelBackend

from tests.contract.errors import INVALID_CHALLENGE, INVALID_CODE
from tests.support.credentials import Bearer


@pytest.mark.parametrize("forged", ["x", "a:b", "a" * 32 + ":" + "b" * 43])
def test_a_forged_one_is_refused(client, forged):
    body = {"totp_challenge_token": forged, "otp_code": "123456"}

    assert client.post("jwt/totp/verify/", body).outcome == INVALID_CHALLENGE


def test_it_works_once(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    ada.answer_challenge(challenge, otp_code=ada.next_code())

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_it_survives_a_wrong_code(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    ada.answer_challenge(challenge, otp_code=ada.wrong_code())

    assert ada.answer_challenge(challenge, otp_code=ada.next_code()).status == 200


def test_it_allows_five_attempts(client, ada, settings):
    settings.TOTP_LOCKOUT_FREE_FAILURES = 10
    ada.enrol()
    challenge = ada.challenge()
    for _ in range(5):
        ada.answer_challenge(challenge, otp_code=ada.wrong_code())

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_it_lives_a_few_minutes(client, ada):
    ada.enrol()
    alive, dead = ada.challenge(), ada.challenge()
    ada.clock.advance(client.challenge_seconds - 1)
    accepted = ada.answer_challenge(alive, otp_code=ada.code())
    ada.clock.advance(1)

    refused = ada.answer_challenge(dead, otp_code=ada.next_code())

    assert accepted.status == 200
    assert refused.outcome == INVALID_CHALLENGE


def test_the_setting_says_how_long_it_lives(client, ada, settings):
    settings.TOTP_TOKEN_MAX_AGE = 60
    ada.enrol()
    challenge = ada.challenge()
    ada.clock.advance(60)

    answer = ada.answer_challenge(challenge, otp_code=ada.code())

    assert answer.outcome == INVALID_CHALLENGE


def test_a_new_password_ends_it(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    ada.user.set_password("another")
    ada.user.save()

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_deactivating_the_account_ends_it(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    ada.user.is_active = False
    ada.user.save()

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_somebody_elses_code_does_not_answer_it(client, ada, grace):
    ada.enrol()
    grace.enrol()

    answer = ada.answer_challenge(ada.challenge(), otp_code=grace.next_code())

    assert answer.outcome == INVALID_CODE


@pytest.mark.parametrize(
    "path", ["totp/create/", "totp/confirm/", "totp/disable/", "totp/replace/"]
)
def test_it_opens_nothing_else(client, ada, path):
    ada.enrol()

    answer = client.post(path, {"input_code": ada.next_code()}, Bearer(ada.challenge()))

    assert client.takes_for_nobody(answer)


def test_a_challenge_nobody_has_cannot_lock_anybody(client, ada):
    ada.enrol()
    for number in range(10):
        ada.answer_challenge(f"forged-{number}", otp_code="000000")

    assert ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).status == 200


class ForgetfulBackend(ModelBackend):
    """Knows some users no more, who still are in the table (soft deletion)."""

    forgotten: ClassVar[set[str]] = set()

    def get_user(self, user_id):
        user = super().get_user(user_id)
        return None if user is None or user.get_username() in self.forgotten else user


def test_it_ends_when_the_backend_knows_the_user_no_more(client, ada, settings, monkeypatch):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.ForgetfulBackend"]
    ada.enrol()
    known, unknown = ada.challenge(), ada.challenge()
    accepted = ada.answer_challenge(known, otp_code=ada.next_code())
    monkeypatch.setattr(ForgetfulBackend, "forgotten", {ada.name})

    refused = ada.answer_challenge(unknown, otp_code=ada.next_code())

    assert accepted.status == 200
    assert refused.outcome == INVALID_CHALLENGE
