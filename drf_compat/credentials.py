"""The authentication context of the caller, for any authentication class of the project.

Only the credential that REST framework has authenticated counts: a token that simplejwt has
verified, or else a session. A token of another kind carries no information.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from rest_framework.authentication import BasicAuthentication
from rest_framework.request import ForcedAuthentication

from ninja_totp.http.issuers import CredentialIssuer, NinjaJWT, Session, SimpleJWT
from ninja_totp.http.issuers.jwt import installed
from ninja_totp.services.step_up import PASSWORD_ONLY, AuthContext

# Any below: a request of REST framework or Django.


class _CheckedToken(SimpleJWT):
    """A token that simplejwt has verified, from any place: another header, or a cookie."""

    def _token_of(self, request: Any, kind: Any) -> Any:
        return request.auth


class _SessionBesideHeader(Session):
    """A session whose context no added token without information replaces."""

    auth_context_of = Session.auth_context_of_cookie


def _is_by(kind: type, request: Any) -> bool:
    return isinstance(getattr(request, "successful_authenticator", None), kind)


def _issuers_of(request: Any) -> Iterator[CredentialIssuer]:
    auth = getattr(request, "auth", None)
    if find_spec(SimpleJWT.library) is not None:
        from rest_framework_simplejwt.tokens import Token  # noqa: PLC0415 (an optional library)

        if isinstance(auth, Token):
            yield _CheckedToken()
            return
    # With a password in each request, a session beside it says nothing.
    if auth is None and not _is_by(BasicAuthentication, request):
        yield _SessionBesideHeader()
    # An authentication class of the project has checked the token in its own way; its signature
    # is checked again here.
    yield from installed(SimpleJWT, NinjaJWT)


def _known(request: Any, user: AbstractBaseUser) -> Iterator[tuple[CredentialIssuer, AuthContext]]:
    for issuer in _issuers_of(request):
        auth_context = issuer.auth_context_of(request, user)
        if auth_context is not None:
            yield issuer, auth_context


class CallersCredential:
    """An issuer (see `ninja_totp.http.issuers`) for any kind of credential."""

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return None for an unknown kind of token, and for `force_authenticate` in tests."""
        for _, auth_context in _known(request, user):
            return auth_context
        is_unknown_token = getattr(request, "auth", None) is not None
        if is_unknown_token or _is_by(ForcedAuthentication, request):
            return None
        # A password, the session of another user (impersonation), or a name set by a proxy.
        return PASSWORD_ONLY

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        for issuer, _ in _known(request, user):
            return issuer.renew(request, user, auth_context)
        return {}

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return the login time of the caller's token or session; None if unknown."""
        dated = (issuer.authenticated_at(request, user) for issuer in _issuers_of(request))
        return next((moment for moment in dated if moment is not None), None)

    def log_in(self, *_: Any, **__: Any) -> Mapping[str, str]:
        """Raise TypeError: this issuer does not log in."""
        raise TypeError("This issuer does not log in; the views of drf_compat.urls.jwt do that.")
