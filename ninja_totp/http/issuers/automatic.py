"""The issuer for a project that names none: it depends on the caller's credential.

It renews credentials but does not log in: a login router names its issuer.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.http.issuers.jwt import NinjaJWT, SimpleJWT, bearer_token, installed
from ninja_totp.http.issuers.protocol import CredentialIssuer
from ninja_totp.http.issuers.session import Session
from ninja_totp.services.step_up import AuthContext


class Automatic:
    """Uses a JWT library for a bearer token, otherwise the session.

    The library is the first of `preferred` that is installed.
    """

    def __init__(self, *preferred: type[NinjaJWT | SimpleJWT]) -> None:
        self._preferred = preferred or (NinjaJWT, SimpleJWT)

    @cached_property
    def _tokens(self) -> CredentialIssuer | None:
        return next(installed(*self._preferred), None)

    def _issuer_for(self, request: HttpRequest) -> CredentialIssuer | None:
        # The authentication context must come from the credential that was used: a cookie that
        # happens to be sent with a bearer token says nothing about the token.
        return self._tokens if bearer_token(request) else Session()

    def log_in(self, *_: Any, **__: Any) -> Mapping[str, str]:
        """Raise TypeError: this issuer does not log in."""
        raise TypeError("A login router needs an issuer: create_login_router(issuer=...).")

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        issuer = self._issuer_for(request)
        return {} if issuer is None else issuer.renew(request, user, auth_context)

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return the caller's authentication context; None for an unknown kind of credential."""
        issuer = self._issuer_for(request)
        return None if issuer is None else issuer.auth_context_of(request, user)

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return the time of the login of the caller's credential; None if unknown."""
        issuer = self._issuer_for(request)
        return None if issuer is None else issuer.authenticated_at(request, user)
