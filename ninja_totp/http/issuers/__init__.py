"""Issuers: they issue the credential of a login, and read its authentication context.

An issuer is any object with the methods of `CredentialIssuer`. Ours are `NinjaJWT`, `SimpleJWT` and
`Session`. A JWT library is imported when its issuer is created, so neither is required. A project
may write its own issuer, without a base class. All methods are synchronous and may use the
database: they are called in the thread of their use case.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.http.issuers.jwt import (
    NinjaJWT as NinjaJWT,
    SimpleJWT as SimpleJWT,
    bearer_token,
    installed,
)
from ninja_totp.http.issuers.session import Session as Session
from ninja_totp.services.step_up import AuthContext


class CredentialIssuer(Protocol):
    """Issues credentials that carry an authentication context, and reads it from them."""

    def log_in(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Log `user` in and return what the response must contain ({} for a cookie)."""

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Issue a credential with this newer `auth_context` to a caller who is logged in."""

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return the authentication context of the credential that `request` came with.

        None if it is not a credential of this issuer for this user.
        """

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return the time of the credential's login, in seconds since the epoch.

        A refresh does not change it. A credential from before a recovery or reset of the account,
        or without a date (None), cannot set up a second factor after it.
        """


@runtime_checkable
class TokenIssuer(CredentialIssuer, Protocol):
    """An issuer whose credentials are renewed by a refresh token."""

    def refresh(self, token: str) -> Mapping[str, str]:
        """Return new tokens with the authentication context of `token`. Raises TokenNotValid."""

    def verify(self, token: str) -> None:
        """Raise TokenNotValid unless `token` is one of ours, unexpired and not revoked."""


@runtime_checkable
class SessionIssuer(CredentialIssuer, Protocol):
    """An issuer of sessions: its endpoints check CSRF, and logout ends the credential."""

    def remember_challenge(self, request: HttpRequest, digest: str) -> None:
        """Bind an open challenge to this browser."""

    def remembers_challenge(self, request: HttpRequest, digest: str) -> bool:
        """Whether this browser opened the challenge (login CSRF, stolen challenge)."""

    def log_out(self, request: HttpRequest) -> None:
        """End the session."""


class Automatic:
    """For a project that names no issuer: a JWT library for a bearer token, otherwise the session.

    The library is the first that is installed. It renews credentials but does not log in.
    """

    @cached_property
    def _tokens(self) -> CredentialIssuer | None:
        return next(installed(NinjaJWT, SimpleJWT), None)

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
