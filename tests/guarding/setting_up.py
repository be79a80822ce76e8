"""Every kind of credential with which a user may set up a factor, at both APIs."""

import base64
import json

from django.contrib.auth import authenticate, get_user_model
from django.urls import include, path
from ninja import NinjaAPI
from ninja.security import APIKeyHeader, HttpBasicAuth, django_auth
from ninja_jwt.authentication import AsyncJWTAuth
from ninja_jwt.routers.obtain import obtain_pair_router
from ninja_jwt.tokens import RefreshToken
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.test import APIClient
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.views import TokenRefreshView

from drf_compat.views import TotpViewSet
from ninja_totp.api import create_router, handle_totp_errors
from ninja_totp.services import confirm_recovery, generate_recovery_link, reset_totp
from tests.support.credentials import NOBODY, Bearer, Browser, Headers
from tests.support.people import NEW_PASSWORD, PASSWORD
from tests.urls import urlpatterns as others

__all__ = ["CREDENTIALS", "DRF_ONLY", "EVENTS"]


def _user_of(key):
    return get_user_model().objects.filter(username=key.removeprefix("key-of-")).first()


class _Basic(HttpBasicAuth):
    def authenticate(self, request, username, password):
        return authenticate(request, username=username, password=password)


class _Key(APIKeyHeader):
    param_name = "X-API-Key"

    def authenticate(self, request, key):
        return _user_of(key or "")


class _Token(TokenAuthentication):
    def authenticate_credentials(self, key):
        return _user_of(key), key


api = NinjaAPI(urls_namespace="setting-up", title="setting-up")
api.add_router("/totp/", create_router(), auth=[AsyncJWTAuth(), django_auth, _Basic(), _Key()])
api.add_router("/token/", obtain_pair_router)
handle_totp_errors(api)

_CLASSES = [JWTAuthentication, SessionAuthentication, BasicAuthentication, _Token]
_views = [
    path(f"totp/{name}/", TotpViewSet.as_view({"post": action}, authentication_classes=_CLASSES))
    for name, action in (("create", "enrol"), ("confirm", "confirm"))
]
urlpatterns = [
    *others,
    path("setting-up/ninja/", api.urls),
    path("setting-up/drf/", include([*_views, path("token/refresh", TokenRefreshView.as_view())])),
]


def _basic(ada):
    pair = base64.b64encode(f"{ada.name}:{ada.password}".encode()).decode()
    return Headers({"Authorization": f"Basic {pair}"})


def _opaque(ada):
    return Headers({"Authorization": f"Token key-of-{ada.name}", "X-API-Key": f"key-of-{ada.name}"})


def _stock_session(ada):
    browser = Browser()
    browser.log_in_at_djangos_view(ada.user, ada.password)
    return browser


def _stock_token(ada, **claims):
    token = RefreshToken.for_user(ada.user)
    token.payload |= claims
    return token


class _Forced:
    """A user whom a test of the project has named."""

    headers = {}

    def __init__(self, user):
        self._client = APIClient()
        self._client.force_authenticate(user)

    def send(self, method, url, **extra):
        return self._client.generic(method, url, **extra)


def _laundered(refresh, api):
    """Return the access token that a refresh view of the library itself makes of a token."""
    url, body = f"/setting-up/{api}/token/refresh", json.dumps({"refresh": refresh})
    answer = NOBODY.send("POST", url, data=body, content_type="application/json")
    return Bearer(json.loads(answer.content)["access"])


def _at_once(kind):
    def logged_in(ada):
        credential = kind(ada)
        return lambda api: credential

    return logged_in


def _refreshed_later(kind):
    def logged_in(ada):
        refresh = kind(ada)
        return lambda api: _laundered(refresh, api)

    return logged_in


# What a login gives; it is made a credential when it is used.
CREDENTIALS = {
    "access token": _at_once(lambda ada: ada.log_in()),
    "access token of a stock refresh view": _refreshed_later(
        lambda ada: ada.give_password().json["refresh"]
    ),
    "session": _at_once(lambda ada: ada.open_browser()),
    "session of a login view of Django's": _at_once(_stock_session),
    "session in a signed cookie": _at_once(lambda ada: ada.open_browser()),
    "stock JWT with `auth_time`": _at_once(
        lambda ada: Bearer(str(_stock_token(ada, auth_time=ada.clock.now()).access_token))
    ),
    "stock JWT": _at_once(lambda ada: Bearer(str(_stock_token(ada).access_token))),
    "stock JWT of a stock refresh view": _refreshed_later(lambda ada: str(_stock_token(ada))),
    "DRF token, API key": _at_once(_opaque),
    "Basic authentication": _at_once(_basic),
    "user forced by a test of DRF's": _at_once(lambda ada: _Forced(ada.user)),
}
DRF_ONLY = {"user forced by a test of DRF's"}


def _recovered(ada):
    link = generate_recovery_link(ada.user)
    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)
    ada.password = NEW_PASSWORD
    ada.user.refresh_from_db()


EVENTS = {
    "after recovery": _recovered,
    "after reset": lambda ada: reset_totp(ada.user, actor="the tests", reason="lost the phone"),
}
