"""Rate limits per caller and endpoint: TOTP_THROTTLE_RATE as throttle classes.

For views of the project; ours count themselves. Both count atomically, and trust X-Forwarded-For
only as far as the number of proxies is known.

If the address is unknown, an anonymous request is counted by the account that it is about. A view
names that field of the body as `account_field`; the default is the login name. No other field is
used: a caller must not get a separate count by adding one.
"""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

from ninja_totp.conf import get_settings
from ninja_totp.conf.types import Rate
from ninja_totp.http.caller import anonymous_ident
from ninja_totp.http.endpoint import seconds_to_wait

if TYPE_CHECKING:  # REST framework imports default classes while it makes this one
    from rest_framework.views import APIView

__all__ = ["TotpAnonThrottle", "TotpThrottle", "TotpUserThrottle"]

_PERIODS = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}


class _Counting(SimpleRateThrottle):
    """`rate`, `get_rate`, `scope`, `get_ident` and `get_cache_key` work as in REST framework."""

    num_requests: int | None
    duration: int | None
    _wait: int | None = None
    _account_field: str | None = None

    def get_rate(self) -> str | None:
        """Return the current TOTP_THROTTLE_RATE; None is no limit."""
        rate = get_settings().throttle_rate
        return None if rate is None else f"{rate.requests}/{_PERIODS[rate.seconds]}"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        self._account_field = getattr(view, "account_field", None)
        key = self.get_cache_key(request, view) if self.rate is not None else None
        if key is None or self.num_requests is None or self.duration is None:
            return True
        endpoint = f"{type(view).__name__}.{getattr(view, 'action', None)}"
        self._wait = seconds_to_wait(f"{endpoint}\n{key}", Rate(self.num_requests, self.duration))
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait

    @sensitive_variables()  # the body may hold a password
    def get_ident(self, request: Request) -> str:
        """Return what identifies an anonymous caller: the address, or else the account."""
        body: Any = request.data
        field = self._account_field or get_user_model().USERNAME_FIELD
        value = body.get(field) if isinstance(body, Mapping) else None
        account = str(value) if isinstance(value, str | int) else ""  # a name may be a number
        return anonymous_ident(request, account, num_proxies=api_settings.NUM_PROXIES)


class TotpUserThrottle(_Counting, UserRateThrottle):
    """Limit each user, and each address of anonymous callers."""


class TotpAnonThrottle(_Counting, AnonRateThrottle):
    """Limit each address of anonymous callers."""


class TotpThrottle(TotpUserThrottle):
    """The old name of `TotpUserThrottle`; django-totp has deprecated it, too."""

    def __init__(self) -> None:
        warnings.warn("Use TotpUserThrottle.", DeprecationWarning, stacklevel=2)
        super().__init__()
