"""Tokens in HttpOnly cookies, at either API: nothing of them in a body, and no foreign page."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import include, path
from ninja.security import APIKeyCookie
from ninja_jwt.authentication import JWTAuth
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication

from drf_compat.permissions import SecondFactor
from drf_compat.token_views import JWTCookieRefreshView
from drf_compat.views import JWTCreateView, JWTTOTP2FAVerifyView, TotpViewSet
from ninja_totp.api import (
    NinjaJWT,
    SimpleJWT,
    create_login_router,
    create_router,
    handle_totp_errors,
    second_factor,
)
from tests.http.hosts import new_api
from tests.support.credentials import NOBODY, Bearer, Browser
from tests.support.people import PASSWORD, code_of

COOKIES = {"access_cookie": "access", "refresh_cookie": "refresh"}


class CookieJWT(APIKeyCookie):
    """As a project reads its access token; Ninja asks for the CSRF token."""

    param_name = "access"

    def authenticate(self, request: Any, key: str | None) -> Any:
        return JWTAuth().jwt_authenticate(request, key) if key else None


class CarelessCookieJWT(CookieJWT):
    """The same without asking."""

    def __init__(self) -> None:
        super().__init__(csrf=False)


class CookieJWTAuthentication(JWTAuthentication):
    """As a project does it for REST framework: it does not ask for the CSRF token."""

    def authenticate(self, request: Any) -> Any:
        if "access" not in request.COOKIES:
            return None
        token = self.get_validated_token(request.COOKIES["access"].encode())
        return self.get_user(token), token


ISSUER = NinjaJWT(**COOKIES)
TOTP, JWT = create_router(issuer=ISSUER), create_login_router(issuer=ISSUER)


def ninja_urls(auth):
    api = new_api()
    handle_totp_errors(api)
    api.add_router("/totp/", TOTP, auth=auth)
    api.add_router("/jwt/", JWT)

    @api.get("/guarded/", auth=second_factor(auth, issuer=ISSUER))
    def guarded(request):
        return "open"

    return [path("", api.urls)]


def drf_urls():
    issuer = SimpleJWT(**COOKIES)
    create, verify, refresh = (
        type(view.__name__, (view,), {"get_issuer": lambda self: issuer})
        for view in (JWTCreateView, JWTTOTP2FAVerifyView, JWTCookieRefreshView)
    )
    views = type(
        "Views",
        (TotpViewSet,),
        {"issuer": issuer, "authentication_classes": [CookieJWTAuthentication]},
    )
    guarded = type(
        "Guarded",
        (APIView,),
        {
            "authentication_classes": [CookieJWTAuthentication],
            "permission_classes": [SecondFactor],
            "get": lambda self, request: Response("open"),
        },
    )
    calls = {"create": "enrol", "confirm": "confirm", "disable": "disable", "verify": "verify"}
    return [
        path("jwt/create/", create.as_view()),
        path("jwt/totp/verify/", verify.as_view()),
        path("jwt/refresh/", refresh.as_view()),
        path("guarded/", guarded.as_view()),
        *(path(f"totp/{p}/", views.as_view({"post": name})) for p, name in calls.items()),
    ]


@pytest.fixture(params=["ninja", "careless ninja", "drf"])
def site(request, settings, db, clock, django_user_model):
    """The prefix of an API; a browser logs in at `ada`."""
    auth = CarelessCookieJWT() if "careless" in request.param else CookieJWT()
    urls = drf_urls() if request.param == "drf" else ninja_urls(auth)
    settings.ROOT_URLCONF = (path("api/", include(urls)),)
    settings.TOTP_THROTTLE_RATE = None
    django_user_model.objects.create_user("ada", password=PASSWORD)
    return request.param


def post(browser, call, **body):
    return browser.send(
        "POST", f"/api/{call}/", data=json.dumps(body), content_type="application/json"
    )


def log_in():
    browser = Browser()
    answer = post(browser, "jwt/create", username="ada", password=PASSWORD)
    return browser, answer


def enrol(browser, clock):
    secret = post(browser, "totp/create").json()["secret"]
    clock.advance(30)
    answer = post(browser, "totp/confirm", input_code=code_of(secret, clock.now()))
    clock.advance(30)
    return secret, answer


def test_tokens_are_in_cookies_and_in_no_body(site, clock):
    browser, logged_in = log_in()
    _, confirmed = enrol(browser, clock)

    assert logged_in.json() == {"step": "logged_in", "is_totp_enabled": False}
    assert set(confirmed.json()) == {"backup_codes"}
    for answer in (logged_in, confirmed):
        for name in ("access", "refresh"):
            cookie = answer.cookies[name]
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"
            assert cookie["max-age"] > 0


def test_confirming_and_verifying_give_verified_standing(site, clock):
    browser, _ = log_in()
    older, _ = log_in()
    secret, _ = enrol(browser, clock)

    refused = post(older, "totp/disable")
    verified = post(older, "totp/verify", otp_code=code_of(secret, clock.now()))

    assert refused.json()["code"] == "second_factor_required"
    assert set(verified.json()) == {"verified_at"}
    assert post(older, "totp/disable").status_code == 204


def test_a_login_with_both_factors_is_verified(site, clock):
    browser, _ = log_in()
    secret, _ = enrol(browser, clock)
    second, step = log_in()

    answer = post(
        second,
        "jwt/totp/verify",
        totp_challenge_token=step.json()["totp_challenge_token"],
        otp_code=code_of(secret, clock.now()),
    )

    assert answer.json() == {}
    assert post(second, "totp/disable").status_code == 204


@pytest.mark.parametrize("call", ["totp/create", "totp/disable", "totp/verify"])
def test_a_foreign_page_gets_nowhere(site, clock, call):
    browser, _ = log_in()
    if call != "totp/create":
        enrol(browser, clock)

    answer = post(browser.without_csrf_token(), call, otp_code="123456")

    assert answer.status_code == 403
    assert answer.json()["code"] in {"csrf_failed", "second_factor_required"}


@pytest.mark.parametrize("site", ["ninja", "drf"], indirect=True)
def test_a_token_is_refreshed_from_its_cookie_and_into_it(site, clock):
    browser, _ = log_in()

    refreshed = post(browser, "jwt/refresh")
    refused = post(browser.without_csrf_token(), "jwt/refresh")
    unknown = post(Browser(), "jwt/refresh")

    assert refreshed.json() == {}
    assert set(refreshed.cookies) == {"access"}
    assert refused.json()["code"] == "csrf_failed"
    assert unknown.json()["code"] == "token_not_valid"


@pytest.mark.parametrize("site", ["ninja", "drf"], indirect=True)
def test_a_refresh_token_in_the_body_comes_before_its_cookie(site, clock):
    browser, _ = log_in()

    assert post(browser, "jwt/refresh", refresh="made up").status_code == 401
    assert post(browser, "jwt/refresh", refresh=None).status_code == 200


@pytest.mark.parametrize("site", ["ninja", "drf"], indirect=True)
def test_a_guard_reads_the_cookie(site, clock):
    browser, _ = log_in()
    before = browser.send("GET", "/api/guarded/")
    enrol(browser, clock)

    assert before.status_code == 403
    assert browser.send("GET", "/api/guarded/").status_code == 200


@pytest.mark.parametrize("site", ["drf"], indirect=True)
def test_a_guard_challenges_a_token_in_a_cookie_as_one_in_a_header(site, clock):
    browser, _ = log_in()
    enrol(log_in()[0], clock)

    answer = browser.send("GET", "/api/guarded/")

    assert answer.status_code == 401
    assert 'error="insufficient_user_authentication"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("site", ["careless ninja"], indirect=True)
def test_a_token_in_the_header_comes_before_the_cookie(site, clock):
    browser, _ = log_in()
    enrol(browser, clock)
    weak = Bearer("made up").headers

    answer = browser.send(
        "POST", "/api/totp/disable/", data="{}", content_type="application/json", headers=weak
    )

    assert answer.json()["code"] == "second_factor_required"


def test_a_form_of_another_site_logs_nobody_in(site, clock):
    answer = Client(enforce_csrf_checks=True).post(
        "/api/jwt/create/",
        {"username": "ada", "password": PASSWORD},
        headers={"origin": "https://elsewhere.example"},
    )

    assert answer.status_code in (403, 415)
    assert not answer.cookies


@pytest.mark.parametrize("site", ["ninja", "drf"], indirect=True)
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_another_site_puts_no_token_of_its_own_into_the_cookies(site, clock, origin, content_type):
    mallory, _ = log_in()
    token = mallory.cookie("refresh")
    body = json.dumps({"refresh": token}) if "json" in content_type else f"refresh={token}"

    answer = NOBODY.send(
        *("POST", "/api/jwt/refresh/"),
        data=body,
        content_type=content_type,
        headers={"Origin": origin},
    )

    assert answer.status_code in (403, 415)
    assert not answer.cookies


def test_a_site_with_an_address_of_ipv6_knows_its_own_pages(site, settings):
    settings.ALLOWED_HOSTS = ["[::1]"]

    def log_in_from(origin):
        return Browser().send(
            *("POST", "/api/jwt/create/"),
            data=json.dumps({"username": "ada", "password": PASSWORD}),
            content_type="application/json",
            headers={"Host": "[::1]:8000", "Origin": origin},
        )

    assert log_in_from("http://[::1]:8000").status_code == 200
    assert log_in_from("http://:").status_code == 403


def test_requests_are_counted_by_each_cookie(site, clock, settings):
    other, _ = log_in()
    browser, _ = log_in()
    settings.TOTP_THROTTLE_RATE = "10/m"
    answers = [post(other, "totp/create").status_code for _ in range(11)]

    assert answers == [201] * 10 + [429]
    assert post(browser, "totp/create").status_code == 201


def test_a_header_of_no_meaning_is_no_other_credential(site, clock, settings):
    browser, _ = log_in()
    settings.TOTP_THROTTLE_RATE = "10/m"
    for number in range(11):
        answer = browser.send(
            "POST",
            "/api/totp/create/",
            data="{}",
            content_type="application/json",
            headers={"Authorization": f"Basic {number}"},
        )

    assert answer.status_code == 429


@pytest.mark.parametrize("trusted", ["https://app.example", "https://*.example"])
def test_a_site_that_is_trusted_may_log_in_and_no_other(site, settings, trusted):
    settings.CSRF_TRUSTED_ORIGINS = [trusted]

    def log_in_from(origin):
        body = json.dumps({"username": "ada", "password": PASSWORD})
        answer = Browser().send(
            *("POST", "/api/jwt/create/"),
            data=body,
            content_type="application/json",
            headers={"Origin": origin},
        )
        return answer.status_code

    assert log_in_from("https://app.example") == 200
    assert log_in_from("https://app.example.org") == log_in_from("http://app.example") == 403


def test_each_cookie_lives_as_long_as_its_token(site):
    _, answer = log_in()

    lifetimes = {name: answer.cookies[name]["max-age"] for name in ("access", "refresh")}

    issuer = NinjaJWT()
    assert lifetimes == {name: issuer.lifetime_seconds(name) for name in lifetimes}
    assert lifetimes["access"] < lifetimes["refresh"]


def test_the_cookies_have_the_attributes_of_the_session(site, settings):
    settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_DOMAIN = True, "example.org"
    settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_SAMESITE = "/app/", "Strict"

    _, answer = log_in()

    for name in ("access", "refresh"):
        cookie = answer.cookies[name]
        assert (cookie["secure"], cookie["httponly"]) == (True, True)
        assert (cookie["domain"], cookie["path"]) == ("example.org", "/app/")
        assert cookie["samesite"] == "Strict"
