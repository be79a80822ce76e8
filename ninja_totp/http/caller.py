"""The caller: a user that the project has authenticated, or an anonymous client."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv6Address, IPv6Network
from typing import Any, TypedDict

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from ninja_totp.client_address import client_address, ip_in
from ninja_totp.http.endpoint import API, limit_rate
from ninja_totp.http.issuers import CredentialIssuer
from ninja_totp.services.step_up import PASSWORD_ONLY, UNDATED, AuthContext


class Origin(TypedDict):
    """Where a change comes from, as the use cases take it."""

    authenticated_at: int
    request: HttpRequest
    api: API


@dataclass(frozen=True)
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

    @sensitive_variables()
    def limit_rate(self, call: str) -> None:
        """Count one request by each credential that it shows. Raises Throttled above the rate."""
        for shown in self._shown():
            limit_rate(call, f"user {self.user.pk}\n{shown}")

    @sensitive_variables()
    def credential(self) -> str:
        """Return a keyed digest of the credentials in the request: it may contain the password."""
        shown = "\n".join(self._shown())
        return salted_hmac("ninja_totp.credential", shown, algorithm="sha256").hexdigest()

    def authenticated_at(self) -> int:
        """Return the login time of the caller in seconds since the epoch; UNDATED if unknown."""
        return self.issuer.authenticated_at(self.request, self.user) or UNDATED

    def origin(self) -> Origin:
        """Return where a change of the caller comes from."""
        return Origin(authenticated_at=self.authenticated_at(), request=self.request, api=self.api)

    def auth_context(self) -> AuthContext | None:
        """Return the caller's authentication context; None for an unknown kind that is trusted."""
        return self._claimed or (None if self.trusts_unknown else PASSWORD_ONLY)

    def renewed(self, auth_context: AuthContext) -> dict[str, str]:
        """Return new credentials with `auth_context`, if the caller has one of this issuer."""
        if self._claimed is None:
            return {}
        return dict(self.issuer.renew(self.request, self.user, auth_context))

    @sensitive_variables()
    def _shown(self) -> list[str]:
        """Return the session key, the token in a cookie and the header: all but one may be fake."""
        session: Any = getattr(self.request, "session", None) or {}
        key = session.session_key if SESSION_KEY in session else None
        cookie = getattr(self.issuer, "cookies", {}).get("access")
        token = self.request.COOKIES.get(cookie) if cookie else None
        shown = (key, token, self.request.headers.get("Authorization"))
        return [one for one in shown if one] or [""]

    @cached_property
    def _claimed(self) -> AuthContext | None:
        # Read once, because a token is checked each time.
        return self.issuer.auth_context_of(self.request, self.user)


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
    # Some databases find "ada" by "ADA " or with other accents. Spellings must not be counted
    # separately. Two users who share a count do little harm.
    letters = unicodedata.normalize("NFKD", account.casefold())
    folded = "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()
    return f"proxy {proxy} account {folded}"


def _one_spelling(address: str) -> str:
    # A client may choose the second half of its IPv6 address, after the /64 (RFC 4291, 2.5.4).
    ip = ip_in(address)
    if ip is None:
        return address
    return str(IPv6Network((int(ip), 64), strict=False) if isinstance(ip, IPv6Address) else ip)
