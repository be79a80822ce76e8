"""When the second factor cannot be checked, nobody is let in and nothing is counted."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.contract.errors import UNAVAILABLE

_OTHER_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE="


def test_a_key_that_is_gone_lets_nobody_log_in(client, ada, settings):
    ada.enrol()
    challenge = ada.challenge()
    settings.TOTP_ENCRYPTION_KEY = _OTHER_KEY

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == UNAVAILABLE


@pytest.mark.parametrize("path", ["totp/disable/", "totp/rotate_backup_codes/", "totp/verify/"])
def test_a_key_that_is_gone_proves_nothing(client, ada, settings, path):
    credential = ada.enrol()
    code = ada.next_code()
    settings.TOTP_ENCRYPTION_KEY = _OTHER_KEY

    answer = client.post(path, {"input_code": code, "otp_code": code}, credential)

    assert answer.outcome == UNAVAILABLE


def test_a_key_that_is_gone_confirms_nothing(client, ada, settings):
    credential = ada.log_in()
    ada.start(credential)
    settings.TOTP_ENCRYPTION_KEY = _OTHER_KEY

    answer = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert answer.outcome == UNAVAILABLE


def test_a_key_that_is_gone_still_asks_for_the_second_step(client, ada, settings):
    ada.enrol()
    settings.TOTP_ENCRYPTION_KEY = _OTHER_KEY

    answer = ada.give_password()

    assert set(answer.json) == {"step", "is_totp_enabled", "totp_challenge_token"}


def test_a_key_that_comes_back_finds_nothing_counted(client, ada, settings):
    ada.enrol()
    challenge, key = ada.challenge(), settings.TOTP_ENCRYPTION_KEY
    settings.TOTP_ENCRYPTION_KEY = _OTHER_KEY
    for _ in range(10):
        ada.answer_challenge(challenge, otp_code=ada.code(steps=1))
    settings.TOTP_ENCRYPTION_KEY = key

    assert ada.answer_challenge(challenge, otp_code=ada.code(steps=1)).status == 200


def test_an_older_key_still_opens_what_it_sealed(client, ada, settings):
    ada.enrol()
    settings.TOTP_ENCRYPTION_KEY = [_OTHER_KEY, settings.TOTP_ENCRYPTION_KEY]

    by_code = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())
    by_backup_code = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    assert (by_code.status, by_backup_code.status) == (200, 200)


@pytest.mark.parametrize("key", ["", [], "malformed"])
def test_a_server_without_a_key_lets_nobody_in(client, ada, settings, key):
    ada.enrol()
    settings.TOTP_ENCRYPTION_KEY = key
    server = Client(raise_request_exception=False)

    answer = server.post(
        f"{client.prefix}jwt/create/",
        {"username": "ada", "password": ada.password},
        "application/json",
    )

    assert answer.status_code == 500
    assert "token" not in answer.content.decode()


def _gone(execute, sql, params, many, context):
    raise OperationalError("the database is gone")


def test_a_database_that_is_gone_is_said_to_be(client, ada):
    with connection.execute_wrapper(_gone):
        answer = ada.give_password()

    assert answer.outcome == UNAVAILABLE
