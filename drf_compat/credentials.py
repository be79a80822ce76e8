"""What the caller's credential says of the second factor, however the project authenticates.

The credential that REST framework has authenticated counts, and not another one that the request
happens to carry: a token that simplejwt has checked, or else a session. Anything else is of a
kind that says nothing.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.issuers import CredentialIssuer, NinjaJWT, Session, SimpleJWT
from ninja_totp.issuers.jwt import bearer_token
from ninja_totp.services.step_up import Standing

__all__ = ["CallersCredential", "is_bearer"]

_Found = tuple[CredentialIssuer, Standing] | None


def is_bearer(request: Any) -> bool:  # Any: a request of REST framework's or of Django's
    """Whether the caller shows a token and not a cookie."""
    return bearer_token(request) is not None or getattr(request, "auth", None) is not None


def _by_checked_token(request: Any, user: AbstractBaseUser) -> _Found:
    # Wherever it was carried: a project may use another header than Authorization, or a cookie.
    issuer = SimpleJWT()
    standing = issuer.standing_in(request.auth, user)
    return (issuer, standing) if standing is not None else None


def _by_session(request: Any, user: AbstractBaseUser) -> _Found:
    standing = Session().standing_of_cookie(request, user)
    return (Session(), standing) if standing is not None else None


def _by_header(request: Any, user: AbstractBaseUser) -> _Found:
    # A class of the project's own has checked the token in its own way; its signature is checked
    # again here.
    for kind in (SimpleJWT, NinjaJWT):
        if find_spec(kind.library) is not None:
            issuer = kind()
            standing = issuer.standing_of(request, user)
            if standing is not None:
                return issuer, standing
    return None


def _is_checked_token(auth: object) -> bool:
    if find_spec(SimpleJWT.library) is None:
        return False
    from rest_framework_simplejwt.tokens import Token  # noqa: PLC0415 (an optional library)

    return isinstance(auth, Token)


def _found(request: Any, user: AbstractBaseUser) -> _Found:
    auth = getattr(request, "auth", None)
    if _is_checked_token(auth):
        return _by_checked_token(request, user)
    # Before the header: whoever is logged in by a cookie must not get rid of what the session
    # says by adding a token that means nothing.
    found = _by_session(request, user) if auth is None else None
    return found or _by_header(request, user)


class CallersCredential:
    """An issuer (see `ninja_totp.issuers`) for whichever kind the caller came with."""

    def standing_of(self, request: HttpRequest, user: AbstractBaseUser) -> Standing | None:
        """Return the standing of the credential that authenticated the caller."""
        found = _found(request, user)
        return None if found is None else found[1]

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, standing: Standing
    ) -> Mapping[str, str]:
        """Renew the caller's credential in its own kind."""
        found = _found(request, user)
        return {} if found is None else found[0].renew(request, user, standing)

    def log_in(self, *_: Any, **__: Any) -> Mapping[str, str]:
        """Not possible: raises TypeError."""
        raise TypeError("Nobody is logged in here; the views of drf_compat.urls.jwt do that.")
