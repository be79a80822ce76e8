"""Throttle classes at TOTP_THROTTLE_RATE, to be subclassed or replaced by a project.

They count as the other door does, atomically and by TOTP_NUM_PROXIES. They limit requests; the
lock-out of an account lives in the database and does not depend on them.
"""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from ninja_totp.conf import Rate, get_settings
from ninja_totp.core.errors import Throttled
from ninja_totp.throttle import charge_request

__all__ = ["TotpAnonThrottle", "TotpUserThrottle"]


class _CountedTogether:
    """Counts by `ninja_totp.throttle`; the rate is what `get_rate` returns, as in any throttle."""

    scope: str
    num_requests: int | None
    duration: int | None
    _wait: int | None = None

    def get_rate(self) -> str | None:
        """Return TOTP_THROTTLE_RATE, read now."""
        rate = get_settings().throttle_rate
        return None if rate is None else f"{rate.requests}/{rate.seconds}"

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        """Return requests and seconds, also for a rate in the usual spelling."""
        if rate is not None and rate.partition("/")[2].isdigit():
            requests, seconds = rate.split("/")
            return int(requests), int(seconds)
        parsed: tuple[int | None, int | None] = super().parse_rate(rate)  # type: ignore[misc]
        return parsed

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request; False above the rate."""
        if self.num_requests is None or self.duration is None or not self.concerns(request):
            return True
        scope = f"{self.scope} {getattr(view, 'action', type(view).__name__)}"
        rate = Rate(self.num_requests, self.duration)
        try:
            charge_request(
                cast("HttpRequest", request),
                scope,
                user=cast("Any", request.user) if request.user.is_authenticated else None,
                account=_account(request.data),
                rate=rate,
            )
        except Throttled as error:
            self._wait = error.retry_after
            return False
        return True

    def concerns(self, request: Request) -> bool:
        """Whether this throttle counts the request at all."""
        return True

    def wait(self) -> int | None:
        """Return the seconds until the next request is let through."""
        return self._wait


def _account(data: Any) -> str:
    # Whom an anonymous request speaks of: it stands for the address where a proxy hides that.
    if not isinstance(data, Mapping):
        return ""
    names = (get_user_model().USERNAME_FIELD, "totp_challenge_token", "email", "uid")
    return next((str(data[name]) for name in names if name in data), "")


class TotpUserThrottle(_CountedTogether, UserRateThrottle):
    """So many requests of one signed-in user, or else of one address, to one call."""

    scope = "totp_user"


class TotpAnonThrottle(_CountedTogether, AnonRateThrottle):
    """So many requests of one address that is not signed in, to one call."""

    scope = "totp_anon"

    def concerns(self, request: Request) -> bool:
        """Whether the caller is anonymous."""
        return not request.user.is_authenticated
