"""Tokens of a library whose blacklist is installed; `test_issuers.py` runs this for either."""

import os
from importlib import import_module

import pytest

from ninja_totp.core.errors import TokenNotValid
from ninja_totp.http.issuers import NinjaJWT, SimpleJWT
from ninja_totp.services import (
    AuthContext,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    generate_recovery_link,
)
from tests.support.cast import NEW_PASSWORD, PASSWORD, Authenticator

LIBRARY = os.environ["TOTP_TEST_BLACKLIST"]
BY_CODE = AuthContext(verified_at=1_800_000_000, generation=7, method="otp")

pytestmark = pytest.mark.django_db


@pytest.fixture
def issuer():
    return {"ninja_jwt": NinjaJWT, "rest_framework_simplejwt": SimpleJWT}[LIBRARY]()


@pytest.fixture
def outstanding():
    """The identifiers of every refresh token that was given out."""
    models = import_module(f"{LIBRARY}.token_blacklist.models")
    return lambda: set(models.OutstandingToken.objects.values_list("jti", flat=True))


@pytest.fixture
def refresh_token():
    return import_module(f"{LIBRARY}.tokens").RefreshToken


def test_a_login_is_entered_into_the_list(issuer, rf, ada, outstanding, refresh_token):
    tokens = issuer.log_in(rf.post("/"), ada, BY_CODE)

    assert outstanding() == {refresh_token(tokens["refresh"])["jti"]}


def test_a_refresh_token_that_was_rotated_is_of_no_use(issuer, rf, ada):
    first = issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"]
    issuer.refresh(first)

    with pytest.raises(TokenNotValid):
        issuer.refresh(first)
    with pytest.raises(TokenNotValid):
        issuer.verify(first)


def test_of_two_that_ask_at_once_only_one_is_served(issuer, rf, ada, monkeypatch):
    first = issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"]
    active = issuer._active_user

    def overtaken(refresh):
        monkeypatch.setattr(issuer, "_active_user", active)
        assert issuer.refresh(first)
        return active(refresh)

    monkeypatch.setattr(issuer, "_active_user", overtaken)

    with pytest.raises(TokenNotValid):
        issuer.refresh(first)


def test_its_successor_works_once(issuer, rf, ada):
    first = issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"]
    second = issuer.refresh(first)["refresh"]

    assert issuer.refresh(second)
    with pytest.raises(TokenNotValid):
        issuer.refresh(second)


def test_the_successor_is_of_the_same_standing(issuer, rf, ada):
    first = issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"]
    access = issuer.refresh(issuer.refresh(first)["refresh"])["access"]

    request = rf.post("/", headers={"Authorization": f"Bearer {access}"})

    assert issuer.auth_context_of(request, ada) == BY_CODE


def test_a_token_on_the_list_is_of_no_use(issuer, rf, ada, refresh_token):
    token = issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"]
    refresh_token(token).blacklist()

    with pytest.raises(TokenNotValid):
        issuer.refresh(token)


def test_a_recovery_puts_every_token_of_the_user_on_the_list(issuer, rf, ada, bob, clock):
    tokens = [issuer.log_in(rf.post("/"), ada, BY_CODE)["refresh"] for _ in range(2)]
    foreign = issuer.log_in(rf.post("/"), bob, BY_CODE)["refresh"]
    code = Authenticator(create_totp_setup(ada).secret, clock).code()
    confirm_totp_setup(ada, code)
    link = generate_recovery_link(ada)

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    for token in tokens:
        with pytest.raises(TokenNotValid):
            issuer.refresh(token)
    assert issuer.refresh(foreign)
