"""The shape of an issuer. A project may write its own; it needs no base class of ours.

All methods are synchronous and may use the database: they are called in the thread of the use case
that they belong to.
"""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.services.step_up import AuthContext


class CredentialIssuer(Protocol):
    """Hands out credentials that carry an authentication context, and reads it from them."""

    def log_in(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Log `user` in and return what the response must show ({} for a cookie)."""

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Give the caller, who is logged in, a credential with this newer `auth_context`."""

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return the authentication context of the credential that `request` came with.

        None when it is not a credential of this issuer for this very user.
        """

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return when the login was that the credential goes back to, in seconds since the epoch.

        A refresh makes it no later. What is older than a recovery or a reset of the account, or
        what nobody can date (None), sets up no second factor after it.
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
    """An issuer of sessions: its endpoints check CSRF, and logging out ends the credential."""

    def remember_challenge(self, request: HttpRequest, digest: str) -> None:
        """Bind an open challenge to this browser."""

    def remembers_challenge(self, request: HttpRequest, digest: str) -> bool:
        """Whether the challenge was opened from this browser (login CSRF, stolen challenge)."""

    def log_out(self, request: HttpRequest) -> None:
        """End the session."""
