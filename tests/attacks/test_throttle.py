"""What a caller adds to its credential begins no new count of the throttle."""

import pytest
from django.core.cache import cache
from django.urls import include, path
from ninja.security import django_auth
from rest_framework.authentication import SessionAuthentication

from drf_compat.views import TotpViewSet
from ninja_totp.api import create_router
from tests.http.hosts import new_api
from tests.http.test_token_cookies import CookieJWT, drf_urls, ninja_urls, post
from tests.support.credentials import Browser
from tests.support.people import PASSWORD

MADE_UP = ["Bearer one", "Bearer two", "Bearer three", "Token one", "Basic eDp4", "x"]


@pytest.fixture
def two_a_minute(settings, clock):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    cache.clear()
    return settings


def _of_sessions(api):
    if api == "drf":
        view = TotpViewSet.as_view(
            {"post": "confirm"}, authentication_classes=[SessionAuthentication]
        )
        return [path("totp/confirm/", view)]
    ninja = new_api()
    ninja.add_router("/totp/", create_router(), auth=django_auth)
    return [path("", ninja.urls)]


def _statuses(browser):
    return [
        browser.send(
            "POST",
            "/api/totp/confirm/",
            data='{"input_code": "123456"}',
            content_type="application/json",
            headers={"Authorization": header},
        ).status_code
        for header in MADE_UP
    ]


@pytest.mark.parametrize("api", ["ninja", "drf"])
def test_a_made_up_header_beside_a_session(two_a_minute, api, django_user_model, db):
    two_a_minute.ROOT_URLCONF = (path("api/", include(_of_sessions(api))),)
    browser = Browser()
    user = django_user_model.objects.create_user("ada", password=PASSWORD)
    browser.log_in_at_djangos_view(user, PASSWORD)

    assert _statuses(browser) == [400, 400, 429, 429, 429, 429]


@pytest.mark.parametrize("api", ["ninja", "drf"])
def test_a_made_up_header_beside_a_token_in_a_cookie(two_a_minute, api, django_user_model, db):
    urls = drf_urls() if api == "drf" else ninja_urls(CookieJWT())
    two_a_minute.ROOT_URLCONF = (path("api/", include(urls)),)
    django_user_model.objects.create_user("ada", password=PASSWORD)
    browser = Browser()
    post(browser, "jwt/create", username="ada", password=PASSWORD)

    assert _statuses(browser) == [400, 400, 429, 429, 429, 429]


@pytest.mark.parametrize("name", ["access", "sessionid"])
def test_a_made_up_cookie_beside_a_token(two_a_minute, client, clock, django_user_model, name):
    django_user_model.objects.create_user("ada", password=PASSWORD)
    answer = client.post("jwt/create/", {"username": "ada", "password": PASSWORD})
    browser = Browser()
    headers = {"Authorization": f"Bearer {answer.json['access']}"}

    statuses = []
    for number in range(3):
        browser._client.cookies[name] = f"made up {number}"
        url = f"{client.prefix}totp/status/"
        statuses.append(browser.send("GET", url, headers=headers).status_code)

    assert statuses == [200, 200, 429]
