"""Refreshing and checking tokens, which is simplejwt's business but for what it would spoil."""

import jwt
import pytest
from django.test import override_settings
from django.urls import path
from rest_framework_simplejwt.settings import api_settings

from drf_compat.views import JWTCreateView


def _claims(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def verified(ada):
    """The tokens of a login with both factors."""
    ada.enrol()
    return ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).json


@pytest.fixture
def _rotating(monkeypatch):
    monkeypatch.setattr(api_settings, "ROTATE_REFRESH_TOKENS", True, raising=False)


@pytest.mark.usefixtures("_rotating")
def test_a_rotated_refresh_token_is_of_the_same_standing(door, ada, verified):
    ada.clock.advance(60)

    answer = door.post("jwt/refresh/", {"refresh": verified["refresh"]})

    before = _claims(verified["refresh"])
    for token in (answer.json["access"], answer.json["refresh"]):
        for claim in ("amr", "acr", "auth_time", "totp_generation"):
            assert _claims(token)[claim] == before[claim]


def test_a_token_of_a_user_who_is_gone_refreshes_nothing(door, ada):
    refresh = ada.give_password().json["refresh"]
    ada.user.delete()

    answer = door.post("jwt/refresh/", {"refresh": refresh})

    assert answer.status == 401
    assert answer.json["code"] == "token_not_valid"


def test_a_token_that_is_no_good_is_answered_in_the_words_of_the_library(door, ada):
    answer = door.post("jwt/refresh/", {"refresh": "x"})

    assert answer.outcome == (
        401,
        {"detail": "Token is invalid", "code": "token_not_valid"},
    )
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


class _OwnIssuer:
    def log_in(self, request, user, auth_context):
        return {"access": f"{user.username} {auth_context.verified_at}"}


class OwnLoginView(JWTCreateView):
    def get_issuer(self):
        return _OwnIssuer()


urlpatterns = [path("log-in", OwnLoginView.as_view())]


def test_a_project_can_hand_out_its_own_kind(ada, api):
    body = {"username": "ada", "password": "correct horse battery staple"}

    with override_settings(ROOT_URLCONF=__name__):
        answer = api.post("/log-in", body)

    assert answer.json() == {"step": "logged_in", "is_totp_enabled": False, "access": "ada None"}
