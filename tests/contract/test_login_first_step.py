"""The first step of a login: name and password."""

import jwt
import pytest

from tests.contract.errors import INVALID_CREDENTIALS
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD, Person


def _claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_a_password_is_enough_without_a_factor(client, ada):
    answer = ada.give_password()

    assert answer.status == 200
    assert set(answer.json) == {"step", "is_totp_enabled", "access", "refresh"}
    assert (answer.json["step"], answer.json["is_totp_enabled"]) == ("logged_in", False)
    assert client.get("totp/status/", Bearer(answer.json["access"])).status == 200


def test_tokens_of_a_password_say_so(client, ada):
    answer = ada.give_password()

    assert _claims(answer.json["access"])["amr"] == ["pwd"]
    assert _claims(answer.json["refresh"])["amr"] == ["pwd"]


def test_with_a_factor_there_is_nothing_but_a_challenge(client, ada):
    ada.enrol()

    answer = ada.give_password()

    assert answer.status == 200
    assert set(answer.json) == {"step", "is_totp_enabled", "totp_challenge_token"}
    assert (answer.json["step"], answer.json["is_totp_enabled"]) == ("code_required", True)
    assert "Set-Cookie" not in answer.headers


def test_a_pending_enrolment_asks_for_no_second_step(client, ada):
    ada.start(ada.log_in())

    assert ada.give_password().json["is_totp_enabled"] is False


@pytest.mark.parametrize(
    "wrong",
    [{"password": "x"}, {"username": "nobody"}, {"username": "nobody", "password": "x"}],
)
def test_unknown_and_wrong_are_answered_alike(client, ada, wrong):
    assert ada.give_password(**wrong).outcome == INVALID_CREDENTIALS


def test_an_inactive_account_is_answered_alike(client, ada):
    ada.user.is_active = False
    ada.user.save()

    assert ada.give_password().outcome == INVALID_CREDENTIALS


def test_a_wrong_password_tells_nothing_of_a_factor(client, ada):
    ada.enrol()

    assert ada.give_password(password="x").outcome == INVALID_CREDENTIALS


@pytest.mark.parametrize("missing", ["username", "password"])
def test_both_fields_are_required(client, ada, missing):
    body = {"username": "ada", "password": PASSWORD}
    del body[missing]

    assert client.post("jwt/create/", body).outcome == client.missing(missing)


def test_a_name_may_be_sent_as_a_number(client, clock):
    Person(client, clock, "1815")

    answer = client.post("jwt/create/", {"username": 1815, "password": PASSWORD})

    assert answer.status == 200


def test_unknown_keys_are_ignored(client, ada):
    assert ada.give_password(trusted="yes").status == 200


def test_a_stale_authorization_header_does_not_matter(client, ada):
    assert ada.give_password(credential=Bearer("stale")).status == 200


def _has_address(user):
    return bool(user.email)


@pytest.mark.parametrize("enrolled", [False, True])
def test_the_rule_of_the_jwt_library_says_who_may_log_in(client, ada, monkeypatch, enrolled):
    if enrolled:
        ada.enrol()
    ada.user.email = ""
    ada.user.save()
    monkeypatch.setattr(
        "ninja_totp.http.issuers.jwt._JSONWebTokens.may_log_in", lambda _, user: _has_address(user)
    )

    refused = ada.give_password()
    ada.user.email = "ada@example.org"
    ada.user.save()

    assert refused.outcome == INVALID_CREDENTIALS
    assert ada.give_password().json["is_totp_enabled"] is enrolled
