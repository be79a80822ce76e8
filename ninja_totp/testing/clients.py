"""Clients that are logged in with both factors, without a login.

They need no password and use up no code. In a test of the login, log in.
"""

from typing import Any, TypeVar, overload

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.test import Client

from ninja_totp import clock
from ninja_totp.http.issuers import CredentialIssuer, NinjaJWT, Session, SimpleJWT
from ninja_totp.http.issuers.jwt import installed
from ninja_totp.models import Account
from ninja_totp.services import AuthContext
from ninja_totp.testing.enrolment import Enrolment
from ninja_totp.transactions import awaitable

C = TypeVar("C", bound=Client)


def _verified(whom: Enrolment | AbstractBaseUser) -> tuple[AbstractBaseUser, AuthContext]:
    user = whom.user if isinstance(whom, Enrolment) else whom
    account = Account.of(user)
    if account is None or not account.is_enabled:
        raise LookupError("This user has no second factor. Call enroll(user) first.")
    return user, AuthContext(clock.now(), account.generation, "otp")


@overload
def verified_client(whom: Enrolment | AbstractBaseUser) -> Client: ...
@overload
def verified_client(whom: Enrolment | AbstractBaseUser, *, client: C) -> C: ...
def verified_client(whom: Enrolment | AbstractBaseUser, *, client: Client | None = None) -> Client:
    """Return a Django test client whose session has just verified the second factor.

    `client` is used instead of a new one: REST framework's APIClient, or your own. LookupError if
    the user has no 2FA.
    """
    client_ = client or Client()
    user, auth_context = _verified(whom)
    if not hasattr(user, "backend"):
        user.backend = settings.AUTHENTICATION_BACKENDS[0]
    request = HttpRequest()
    request.session = client_.session
    Session().log_in(request, user, auth_context)
    request.session.save()
    client_.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    return client_


def verified_headers(
    whom: Enrolment | AbstractBaseUser, *, issuer: CredentialIssuer | None = None
) -> dict[str, str]:
    """Return the header with a token that has just verified the second factor.

    `issuer` creates the token, by default the first installed JWT library: django-ninja-jwt, then
    simplejwt. Pass the result to `django.test.Client(headers=...)`. LookupError if the user has no
    2FA, or if there is no library.
    """
    issuer = issuer or next(installed(NinjaJWT, SimpleJWT), None)
    if issuer is None:
        raise LookupError("There is no JWT library. Pass an issuer.")
    tokens = issuer.log_in(HttpRequest(), *_verified(whom))
    return {"Authorization": f"Bearer {tokens['access']}"}


def verified_ninja_client(
    router: Any,  # Any: NinjaAPI or Router, as for Ninja's clients
    whom: Enrolment | AbstractBaseUser,
    *,
    issuer: CredentialIssuer | None = None,
    client_class: Any = None,
) -> Any:
    """Return a Ninja test client for `router`, with the header of `verified_headers`.

    A `TestAsyncClient`, or another `client_class` (`TestClient` for synchronous operations). A
    router without its own `auth`, such as `totp_router`, accepts the header.
    """
    from ninja import NinjaAPI, Router  # noqa: PLC0415 (only if it is used)
    from ninja.testing import TestAsyncClient  # noqa: PLC0415

    user, _ = _verified(whom)
    headers, api = verified_headers(whom, issuer=issuer), router

    def caller(request: HttpRequest) -> AbstractBaseUser | None:
        same = request.headers.get("Authorization") == headers["Authorization"]
        return user if same else None

    if isinstance(router, Router):
        api = NinjaAPI(urls_namespace=f"test-{id(headers)}", auth=caller)
        api.add_router("", router)
    return (client_class or TestAsyncClient)(api, headers=headers)


averified_client = awaitable(verified_client)
averified_headers = awaitable(verified_headers)
averified_ninja_client = awaitable(verified_ninja_client)
