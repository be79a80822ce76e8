"""Refreshing and checking tokens."""

import jwt
import pytest

from ninja_totp.services import reset_totp
from tests.support.credentials import Bearer


def _claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_a_refresh_token_gives_an_access_token(client, ada):
    refresh = ada.give_password().json["refresh"]

    answer = client.post("jwt/refresh/", {"refresh": refresh})

    assert answer.status == 200
    assert client.get("totp/status/", Bearer(answer.json["access"])).status == 200


def test_refreshing_makes_no_claim_newer_or_stronger(client, ada):
    ada.enrol()
    login = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())
    ada.clock.advance(60)

    answer = client.post("jwt/refresh/", {"refresh": login.json["refresh"]})

    before, after = _claims(login.json["access"]), _claims(answer.json["access"])
    for claim in ("amr", "acr", "auth_time", "totp_generation"):
        assert after[claim] == before[claim]


def test_an_access_token_refreshes_nothing(client, ada):
    access = ada.give_password().json["access"]

    answer = client.post("jwt/refresh/", {"refresh": access})

    assert answer.status == 401
    assert answer.json["code"] == "token_not_valid"


def test_a_deactivated_account_refreshes_nothing(client, ada):
    refresh = ada.give_password().json["refresh"]
    ada.user.is_active = False
    ada.user.save()

    assert client.post("jwt/refresh/", {"refresh": refresh}).status == 401


def refreshed_after_confirming(client, ada):
    """A token of a login by password from before a confirmation, and what refreshing answers.

    To that token, and to the one of the confirmation.
    """
    by_password = ada.give_password().json["refresh"]
    credential = ada.log_in()
    ada.start(credential)
    confirmed = client.post("totp/confirm/", {"input_code": ada.code()}, credential)
    tokens = (by_password, confirmed.json["refresh"])
    return by_password, [client.post("jwt/refresh/", {"refresh": one}).status for one in tokens]


def test_logins_by_password_end_in_the_second_in_which_a_factor_is_confirmed(client, ada):
    by_password, statuses = refreshed_after_confirming(client, ada)

    assert statuses == [401, 200]
    assert client.post("jwt/verify/", {"token": by_password}).status == 401


def test_so_do_those_that_came_after_a_reset_of_that_second(client, ada):
    ada.enrol()
    reset_totp(ada.user, actor="x", reason="x")

    _, statuses = refreshed_after_confirming(client, ada)

    assert statuses == [401, 200]


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_a_living_token_is_good(client, ada, kind):
    token = ada.give_password().json[kind]

    assert client.post("jwt/verify/", {"token": token}).outcome == (200, {})


@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_a_forged_token_is_refused(client, ada, path, name):
    token = ada.give_password().json["refresh"]

    answer = client.post(path, {name: token[:-8] + "AAAAAAAA"})

    assert answer.status == 401
    assert answer.json["code"] == "token_not_valid"


@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_a_challenge_is_no_token(client, ada, path, name):
    ada.enrol()

    answer = client.post(path, {name: ada.challenge()})

    assert answer.status == 401


@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_a_token_is_required(client, path, name):
    assert client.post(path, {}).outcome == client.missing(name)
