"""Django's session as the credential, with claims about the second factor.

The claims are user, time, generation and method, and no secret. Sessions with the password alone
have none. The check E005 refuses sessions in signed cookies: logout cannot end them.
"""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login, logout
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare

from ninja_totp import clock
from ninja_totp.http.cookies import passes_csrf
from ninja_totp.http.issuers.jwt import bearer_token
from ninja_totp.models import Account
from ninja_totp.services.step_up import PASSWORD_ONLY, AuthContext, after_reset

_KEY = "ninja_totp_auth_context"
_CHALLENGE = "ninja_totp_challenge"
_LOGGED_IN = "ninja_totp_logged_in"


def date_session(*, request: HttpRequest, user: AbstractBaseUser, **_: object) -> None:
    """Store the time of the login in the session: a receiver of `user_logged_in`.

    Any view that logs in calls Django's `login`, which sends the signal. Django stores no date.
    """
    session = _session_of(request, user)
    if session is not None:
        session[_LOGGED_IN] = after_reset(Account.of(user), clock.now())


def _session_of(request: HttpRequest, user: AbstractBaseUser) -> Any | None:
    session = getattr(request, "session", None)
    return session if session is not None and session.get(SESSION_KEY) == str(user.pk) else None


def _is_valid(session: Any, user: AbstractBaseUser) -> bool:
    # Django checks this if the session is the credential. With another one (a password in each
    # request), claims of a session that a new password has ended must not count.
    kept = session.get(HASH_SESSION_KEY, "")
    present = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(kept, digest) for digest in present)


class Session:
    """Logs in with `django.contrib.auth.login`: it changes the key and sends `user_logged_in`."""

    def log_in(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Start a session for `user` with `auth_context`."""
        # Flushes the session of another user, and changes the key of an anonymous one.
        login(request, cast("Any", user), backend=getattr(user, "backend", None) or None)
        request.session.pop(_CHALLENGE, None)
        return self._write_claims(request, user, auth_context)

    def renew(
        self, request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        """Write the claims, and change the session key and the CSRF token."""
        rotate_token(request)
        return self._write_claims(request, user, auth_context)

    def auth_context_of(self, request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return the claims of the session of `user`."""
        # A cookie that happens to be sent with a bearer token says nothing about the token.
        return None if bearer_token(request) else self.auth_context_of_cookie(request, user)

    def auth_context_of_cookie(
        self, request: HttpRequest, user: AbstractBaseUser
    ) -> AuthContext | None:
        """Return the claims of the session, whatever other credentials the request has.

        The project may have authenticated the caller in another way (a key in the query), or by the
        cookie without a CSRF check: another site must not use the claims.
        """
        claims = self.claims_of(request, user)
        is_proof = claims is not None and claims is not PASSWORD_ONLY
        return PASSWORD_ONLY if is_proof and not passes_csrf(request) else claims

    @staticmethod
    def claims_of(request: HttpRequest, user: AbstractBaseUser) -> AuthContext | None:
        """Return the claims of the session of `user`, without a CSRF check."""
        session = _session_of(request, user)
        if session is None:
            return None
        claims = session.get(_KEY)
        if claims is None or claims["user"] != str(user.pk) or not _is_valid(session, user):
            return PASSWORD_ONLY
        return AuthContext(claims["verified_at"], claims["generation"], claims["method"])

    def authenticated_at(self, request: HttpRequest, user: AbstractBaseUser) -> int | None:
        """Return the login time of the session of `user`; None if it has none."""
        session = None if bearer_token(request) else _session_of(request, user)
        return None if session is None else session.get(_LOGGED_IN)

    def remember_challenge(self, request: HttpRequest, digest: str) -> None:
        """Store the digest in the anonymous session of this browser."""
        request.session[_CHALLENGE] = digest

    def remembers_challenge(self, request: HttpRequest, digest: str) -> bool:
        """Whether this browser's session holds the digest."""
        return constant_time_compare(request.session.get(_CHALLENGE, ""), digest)

    def log_out(self, request: HttpRequest) -> None:
        logout(request)

    @staticmethod
    def _write_claims(
        request: HttpRequest, user: AbstractBaseUser, auth_context: AuthContext
    ) -> Mapping[str, str]:
        request.session.cycle_key()
        if auth_context.verified_at is None:
            request.session.pop(_KEY, None)
        else:
            request.session[_KEY] = {
                "user": str(user.pk),
                "verified_at": auth_context.verified_at,
                "generation": auth_context.generation,
                "method": auth_context.method,
            }
        return {}
