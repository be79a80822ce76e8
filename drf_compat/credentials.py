"""The authentication context of the caller, for any authentication class of the project.

Only the credential that REST framework has authenticated counts: a token that simplejwt has
verified, or else a session. A token of another kind carries no information.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from rest_framework.authentication import BasicAuthentication
from rest_framework.request import ForcedAuthentication

from ninja_totp.http.issuers import CredentialIssuer, NinjaJWT, Session, SimpleJWT
from ninja_totp.http.issuers.jwt import bearer_token, installed
from ninja_totp.services.step_up import PASSWORD_ONLY, AuthContext

# The issuer that renews the credential (None for a password in each request), and the context.
_Found = tuple[CredentialIssuer | None, AuthContext] | None


def is_bearer(request: Any) -> bool:  # Any: a request of REST framework or Django
    """Whether the caller uses a token and not a cookie."""
    return bearer_token(request) is not None or getattr(request, "auth", None) is not None


def _is_checked_token(auth: object) -> bool:
    if find_spec(SimpleJWT.library) is None:
        return False
    from rest_framework_simplejwt.tokens import Token  # noqa: PLC0415 (an optional library)

    return isinstance(auth, Token)


def _by_checked_token(request: Any, user: AbstractBaseUser) -> _Found:
    # From any place: a project may use another header than Authorization, or a cookie.
    issuer = SimpleJWT()
    auth_context = issuer.auth_context_in(request.auth, user)
    return (issuer, auth_context) if auth_context is not None else None


def _by_header(request: Any, user: AbstractBaseUser) -> _Found:
    # An authentication class of the project has checked the token in its own way; its signature
    # is checked again here.
    for issuer in installed(SimpleJWT, NinjaJWT):
        auth_context = issuer.auth_context_of(request, user)
        if auth_context is not None:
            return issuer, auth_context
    return None


def _without_token(request: Any, user: AbstractBaseUser) -> _Found:
    authenticator = getattr(request, "successful_authenticator", None)
    if isinstance(authenticator, BasicAuthentication):
        return None, PASSWORD_ONLY
    # Before the header: a caller with a session must not replace its context by adding a token
    # without information.
    auth_context = Session().auth_context_of_cookie(request, user)
    if auth_context is not None:
        return Session(), auth_context
    found = _by_header(request, user)
    if found is None and not isinstance(authenticator, ForcedAuthentication):
        # The session of another user (impersonation), or a name set by a proxy.
        return None, PASSWORD_ONLY
    return found


def _found(request: Any, user: AbstractBaseUser) -> _Found:
    auth = getattr(request, "auth", None)
    if auth is None:
        return _without_token(request, user)
    if _is_checked_token(auth):
        return _by_checked_token(request, user)
    return _by_header(request, user)


class CallersCredential:
    """An issuer (see `ninja_totp.http.issuers`) for any kind of credential."""

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return None for an unknown kind of token, and for `force_authenticate` in tests."""
        found = _found(request, user)
        return None if found is None else found[1]

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        issuer, _ = _found(request, user) or (None, None)
        return {} if issuer is None else issuer.renew(request, user, auth_context)

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return the login time of the caller's token or session; None if unknown."""
        auth: Any = getattr(request, "auth", None)
        if _is_checked_token(auth):
            return SimpleJWT.authenticated_at_in(auth)
        # Also if there is a session: a recovery may have ended it, and an authentication class of
        # the project may have used the token.
        issuers = installed(SimpleJWT, NinjaJWT)
        dated = (issuer.authenticated_at(request, user) for issuer in issuers)
        by_token = next((moment for moment in dated if moment is not None), None)
        if by_token is not None or auth is not None:
            return by_token
        if isinstance(getattr(request, "successful_authenticator", None), BasicAuthentication):
            return None
        return Session().authenticated_at(request, user)

    def log_in(self, *_: Any, **__: Any) -> Mapping[str, str]:
        """Raise TypeError: this issuer does not log in."""
        raise TypeError("This issuer does not log in; the views of drf_compat.urls.jwt do that.")
