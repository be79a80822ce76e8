"""What counts as the caller's credential, with each way in which a project may authenticate."""

import base64
import json
from unittest.mock import patch

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.authentication import (
    BaseAuthentication,
    BasicAuthentication,
    RemoteUserAuthentication,
    SessionAuthentication,
)
from rest_framework_simplejwt.authentication import (
    JWTAuthentication,
    JWTStatelessUserAuthentication,
)
from rest_framework_simplejwt.tokens import AccessToken

from drf_compat.authentication import TotpJWTAuthentication
from drf_compat.views import TotpViewSet
from ninja_totp.services import reset_totp
from tests.support.people import PASSWORD, Person

_CHANGE = {"post": "rotate_backup_codes"}
_STEP_UP = {"post": "verify"}


class TokenInCookie(JWTAuthentication):
    def get_header(self, request):
        token = request.COOKIES.get("token")
        return None if token is None else f"Bearer {token}".encode()


class TokenOfTheProject(BaseAuthentication):
    """A project's own class over simplejwt's tokens, which passes no token on."""

    def authenticate(self, request):
        token = AccessToken(request.headers["Authorization"].removeprefix("Bearer "))
        return JWTAuthentication().get_user(token), None


class SessionOfSupport(BaseAuthentication):
    """Lets support act as a user, in the session of whoever works there."""

    whom = None

    def authenticate(self, request):
        return self.whom, None


def _views(*classes):
    options = {"authentication_classes": classes}
    return [
        path("change", TotpViewSet.as_view(_CHANGE, **options)),
        path("step-up", TotpViewSet.as_view(_STEP_UP, **options)),
        path("enrol", TotpViewSet.as_view({"post": "enrol"}, **options)),
    ]


class _Urls:
    session = _views(SessionAuthentication)
    basic = _views(BasicAuthentication)
    cookie = _views(TokenInCookie)
    impersonation = _views(SessionOfSupport)
    remote = _views(RemoteUserAuthentication)
    own = _views(TokenOfTheProject)
    stateless = _views(JWTStatelessUserAuthentication)
    ours = _views(TotpJWTAuthentication)


def _mounted(name):
    return override_settings(ROOT_URLCONF=tuple(getattr(_Urls, name)))


@pytest.fixture
def browser(ada):
    """Ada's browser, in which she has given her password alone."""
    return ada.open_browser()


def _basic():
    return f"Basic {base64.b64encode(f'ada:{PASSWORD}'.encode()).decode()}"


def _step_up(person, browser, **headers):
    body = json.dumps({"otp_code": person.next_code()})
    return browser.send(
        "POST", "/step-up", data=body, content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("authorization", ["Bearer x", "bearer x", "Token x", "x"])
def test_a_made_up_header_does_not_lift_a_session_above_its_standing(ada, browser, authorization):
    ada.enrol()

    with _mounted("session"):
        answer = browser.send("POST", "/change", headers={"Authorization": authorization})

    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"


def test_a_session_that_stepped_up_keeps_its_standing_beside_a_made_up_header(ada, browser):
    ada.enrol()
    with _mounted("session"):
        stepped_up = _step_up(ada, browser, Authorization="Bearer x")

        answer = browser.send("POST", "/change", headers={"Authorization": "Bearer x"})

    assert stepped_up.status_code == 200
    assert answer.status_code == 200


def test_a_password_in_the_header_says_nothing_of_the_factor(ada, api):
    ada.enrol()
    api.credentials(HTTP_AUTHORIZATION=_basic())

    with _mounted("basic"):
        answer = api.post("/change")

    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"


def test_a_step_up_with_a_password_in_the_header_has_no_credential_to_renew(ada, api):
    ada.enrol()
    api.credentials(HTTP_AUTHORIZATION=_basic())

    with _mounted("basic"):
        answer = api.post("/step-up", {"otp_code": ada.next_code()}, format="json")
        changed = api.post("/change")

    assert set(answer.json()) == {"verified_at"}
    assert changed.status_code == 403


def test_a_session_beside_a_password_in_the_header_says_nothing(ada, browser):
    ada.enrol()
    with _mounted("session"):
        _step_up(ada, browser)

    with _mounted("basic"):
        answer = browser.send("POST", "/change", headers={"Authorization": _basic()})

    assert answer.status_code == 403


def test_a_password_in_the_header_is_not_dated_by_the_session_beside_it(
    ada, clock, django_user_model
):
    """The password may be known since before the reset; the session is of after it."""
    ada.enrol()
    operator = django_user_model.objects.create_user("operator")
    reset_totp(ada.user, actor=operator, reason="Lost phone.")
    clock.advance(60)
    browser = ada.open_browser()

    with _mounted("basic"):
        by_password = browser.send("POST", "/enrol", headers={"Authorization": _basic()})
    with _mounted("session"):
        by_session = browser.send("POST", "/enrol")

    assert (by_password.status_code, by_session.status_code) == (401, 201)


def test_somebody_elses_session_is_no_proof(ada, door, clock, browser):
    grace = Person(door, clock, "grace")
    grace.enrol()

    with _mounted("impersonation"), patch.object(SessionOfSupport, "whom", grace.user):
        answer = browser.send("POST", "/change")

    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"


def test_a_name_that_a_proxy_vouches_for_is_no_proof(ada, api):
    ada.enrol()

    with _mounted("remote"):
        answer = api.post("/change", REMOTE_USER="ada")

    assert answer.status_code == 403


@pytest.mark.parametrize(("name", "status"), [("enrol", 200), ("log_in", 403)])
def test_a_token_in_a_cookie_speaks_for_itself(ada, api, name, status):
    password_only = ada.log_in()
    verified = ada.enrol()
    api.cookies["token"] = {"enrol": verified, "log_in": password_only}[name].token

    with _mounted("cookie"):
        answer = api.post("/change")

    assert answer.status_code == status


@pytest.mark.parametrize(("name", "status"), [("enrol", 200), ("log_in", 403)])
def test_a_token_that_the_project_has_read_speaks_for_itself(ada, api, name, status):
    password_only = ada.log_in()
    verified = ada.enrol()
    token = {"enrol": verified, "log_in": password_only}[name].token
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    with _mounted("own"):
        answer = api.post("/change")

    assert answer.status_code == status


def test_an_authentication_without_the_database_will_do(ada, api):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {ada.enrol().token}")

    with _mounted("stateless"):
        answer = api.post("/change")

    assert answer.status_code == 200


def test_a_token_whose_user_is_gone_is_nobodys(ada, api):
    token = ada.enrol().token
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    ada.user.delete()

    with _mounted("stateless"):
        answer = api.post("/change")

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_a_step_up_renews_a_token_in_a_cookie(ada, api):
    api.cookies["token"] = ada.log_in().token
    ada.enrol()

    with _mounted("cookie"):
        answer = api.post("/step-up", {"otp_code": ada.next_code()})
        api.cookies["token"] = answer.json()["access"]

        assert api.post("/change").status_code == 200


def test_our_authentication_tells_the_standing(ada, rf):
    credential = ada.enrol()
    request = rf.post("/", headers={"Authorization": f"Bearer {credential.token}"})

    user, token = TotpJWTAuthentication().authenticate(request)

    assert user == ada.user
    assert token.auth_context.verified_at == ada.clock.now()
    assert token.auth_context.method == "otp"


def test_our_authentication_tells_nothing_of_a_token_not_ours(ada, rf):
    token = AccessToken.for_user(ada.user)
    request = rf.post("/", headers={"Authorization": f"Bearer {token}"})

    assert TotpJWTAuthentication().authenticate(request)[1].auth_context is None


def test_our_authentication_leaves_a_request_without_a_token_to_others(rf):
    assert TotpJWTAuthentication().authenticate(rf.post("/")) is None


def test_our_authentication_is_one_for_the_views(ada, api):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {ada.enrol().token}")

    with _mounted("ours"):
        assert api.post("/change").status_code == 200
