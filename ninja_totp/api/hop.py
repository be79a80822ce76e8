"""One thread hop for one call: CSRF where a cookie is the credential, throttle, then the work.

Everything that may wait (the cache, the session, the database, a password hash) happens in
there, so that an endpoint awaits once and the event loop is never held.
"""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from ninja.utils import check_csrf
from pydantic import SecretStr

from ninja_totp.async_variants import awaitable
from ninja_totp.core.errors import CsrfFailed, NotAuthenticated
from ninja_totp.http.caller import Caller
from ninja_totp.http.issuers import CredentialIssuer, has_session
from ninja_totp.http.throttle import charge_request

__all__ = ["as_anonymous", "as_user", "user_in"]

P = ParamSpec("P")
R = TypeVar("R")


def user_in(user: Any) -> AbstractBaseUser:
    """Return what the host's authentication returned, if it is a user of this site."""
    if not isinstance(user, get_user_model()):
        raise ImproperlyConfigured(
            "ninja_totp needs an authentication whose result (request.auth) is a user of "
            f"AUTH_USER_MODEL; it got {type(user).__name__}."
        )
    known: AbstractBaseUser = user
    return known


def _issuer_of(request: HttpRequest) -> CredentialIssuer:
    issuer: CredentialIssuer = request.ninja_totp_issuer  # type: ignore[attr-defined]
    return issuer


@awaitable
def as_user(
    request: HttpRequest,
    work: Callable[Concatenate[Caller, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run `work` for the caller that the host has authenticated.

    Raises NotAuthenticated, Throttled, and what `work` raises.
    """
    # What the host's authentication set for this call; request.user may be somebody else's cookie.
    caller = getattr(request, "auth", None)
    if caller is None:
        raise NotAuthenticated
    user = user_in(caller)
    charge_request(request, work.__name__, user=user)
    return work(Caller(request, user, _issuer_of(request)), *args, **kwargs)


@awaitable
def as_anonymous(
    request: HttpRequest,
    account: SecretStr,
    work: Callable[Concatenate[HttpRequest, Any, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run `work` for a caller who is not signed in; `account` is what the request speaks of.

    It may be a refresh token, and error reports show what a frame holds: hence no plain text.
    Raises CsrfFailed where the issuer's credential is a cookie, Throttled, and what `work` raises.
    """
    issuer = _issuer_of(request)
    if has_session(issuer) and check_csrf(request) is not None:
        raise CsrfFailed
    charge_request(request, work.__name__, user=None, account=account.get_secret_value())
    return work(request, issuer, *args, **kwargs)
