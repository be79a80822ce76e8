"""Throttle classes at TOTP_THROTTLE_RATE, to be subclassed or replaced by a project.

They limit requests; the lock-out of an account lives in the database and does not depend on them.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from ninja_totp.conf import get_settings
from ninja_totp.throttle import client_address

__all__ = ["TotpAnonThrottle", "TotpUserThrottle"]


class _TotpRate:
    def get_rate(self) -> str | None:
        """Return the rate in seconds, which is all that `parse_rate` needs."""
        rate = get_settings().throttle_rate
        return None if rate is None else f"{rate.requests}/{rate.seconds}"

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        """Return requests and seconds."""
        if rate is None:
            return None, None
        requests, seconds = rate.split("/")
        return int(requests), int(seconds)

    def get_ident(self, request: Request) -> str:
        """Return the client's address, by TOTP_NUM_PROXIES (X-Forwarded-For can be made up)."""
        django_request: Any = request
        return client_address(django_request) or str(request.META.get("REMOTE_ADDR", ""))


class TotpUserThrottle(_TotpRate, UserRateThrottle):
    """So many requests of one signed-in user, or of one address, to all calls together."""

    scope = "totp_user"


class TotpAnonThrottle(_TotpRate, AnonRateThrottle):
    """So many requests of one address that is not signed in."""

    scope = "totp_anon"
