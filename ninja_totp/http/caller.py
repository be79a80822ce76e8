"""The caller: a user that the project has authenticated, or an anonymous client."""

import unicodedata
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp.client_address import client_address, ip_in
from ninja_totp.http.endpoint import API, limit_rate
from ninja_totp.http.issuers import CredentialIssuer
from ninja_totp.http.issuers.jwt import bearer_token
from ninja_totp.services.step_up import PASSWORD_ONLY, UNDATED, AuthContext


@dataclass(frozen=True, slots=True)
class Caller:
    """A logged-in user, and the issuer that reads and renews the user's credential.

    `trusts_unknown` says whether an unknown kind of credential may change the second factor without
    a code: never at the Ninja API, and as documented at the REST framework API.
    """

    request: HttpRequest
    user: AbstractBaseUser
    issuer: CredentialIssuer
    api: API
    trusts_unknown: bool = False

    def limit_rate(self, call: str) -> None:
        """Count one request of this user to `call`. Raises Throttled above the rate."""
        cookie = getattr(self.issuer, "cookies", {}).get("access")
        limit_rate_of(self.user, call, self.request, cookie=cookie)

    def authenticated_at(self) -> int:
        """Return the login time of the caller in seconds since the epoch; UNDATED if unknown."""
        return self.issuer.authenticated_at(self.request, self.user) or UNDATED

    def auth_context(self) -> AuthContext | None:
        """Return the caller's authentication context; None for an unknown kind that is trusted."""
        auth_context = self.issuer.auth_context_of(self.request, self.user)
        return auth_context or (None if self.trusts_unknown else PASSWORD_ONLY)

    def renewed(self, auth_context: AuthContext) -> dict[str, str]:
        """Return new credentials with `auth_context`, if the caller has one of this issuer."""
        if self.issuer.auth_context_of(self.request, self.user) is None:
            return {}
        return dict(self.issuer.renew(self.request, self.user, auth_context))


@sensitive_variables()
def limit_rate_of(
    user: AbstractBaseUser, call: str, request: HttpRequest, *, cookie: str | None = None
) -> None:
    """Count one request of `user` to `call`, by its credential.

    `cookie` is the name of the cookie that may contain a token. Raises Throttled above the rate.
    """
    limit_rate(call, f"user {user.pk}\n{_shown_by(request, user, cookie)}")


@sensitive_variables()
def _shown_by(request: HttpRequest, user: AbstractBaseUser, cookie: str | None) -> str:
    session: Any = getattr(request, "session", None)
    key: str | None = getattr(session, "session_key", None)
    # Before the header, which may contain anything if the caller uses a session.
    if key and session.get(SESSION_KEY) == str(user.pk):
        return key
    token = request.COOKIES.get(cookie) if cookie and not bearer_token(request) else None
    return token or request.headers.get("Authorization") or ""


@sensitive_variables()
def anonymous_ident(request: HttpRequest, account: str, *, num_proxies: int | None = None) -> str:
    """Return what an anonymous request is counted by: its address.

    If that is unknown (see `client_address`, also for `num_proxies`), by `account`, the account
    that the request is about.
    """
    address = client_address(request, num_proxies=num_proxies)
    if address is not None:
        return f"address {_one_spelling(address)}"
    # The proxy may be a client that pretends to be one.
    proxy = _one_spelling(request.META.get("REMOTE_ADDR", ""))
    return f"proxy {proxy} account {_folded(account)}"


def _one_spelling(address: str) -> str:
    # A client may choose the second half of its IPv6 address, after the /64 (RFC 4291, 2.5.4).
    ip = ip_in(address)
    if ip is None:
        return address
    return str(IPv6Network((int(ip), 64), strict=False) if isinstance(ip, IPv6Address) else ip)


@sensitive_variables()
def _folded(account: str) -> str:
    # Some databases find "ada" by "ADA " or with other accents. Spellings must not be counted
    # separately. Two users who share a count do little harm.
    letters = unicodedata.normalize("NFKD", account.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()
