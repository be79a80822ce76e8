"""The caller that the authentication of the project let in."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from ninja_totp.core.errors import NotAuthenticated
from ninja_totp.http.caller import Caller
from ninja_totp.http.issuers import CredentialIssuer


def caller_of(request: HttpRequest, issuer: CredentialIssuer) -> Caller:
    """Return the caller of an endpoint. Raises NotAuthenticated.

    It is the user that the authentication of this call returned. `request.user` may come from a
    cookie of another user.
    """
    user = getattr(request, "auth", None)
    if user is None:
        raise NotAuthenticated
    return Caller(request, user_in(user), issuer, api="ninja")


def user_in(user: Any) -> AbstractBaseUser:
    """Return the result of the authentication if it is a user of this site."""
    if not isinstance(user, get_user_model()):
        raise ImproperlyConfigured(
            "ninja_totp needs an authentication whose result (request.auth) is a user of "
            f"AUTH_USER_MODEL; it got {type(user).__name__}."
        )
    known: AbstractBaseUser = user
    return known
