"""How often one caller may call one endpoint: TOTP_THROTTLE_RATE, as throttle classes.

For views of the project; ours count by themselves. These count as those do: atomically, and without
believing an X-Forwarded-For that no proxy vouches for.

Where no address can be told, an anonymous request is counted by what it speaks of. The view says
which field of the body that is, as `account_field`; without one it is the login name's. Any other
field is not looked at: a caller who sends one must not gain a separate count by it.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from ninja_totp.conf import get_settings
from ninja_totp.http.caller import anonymous_ident
from ninja_totp.http.endpoint import seconds_to_wait
from ninja_totp.setting_types import Rate

__all__ = ["TotpAnonThrottle", "TotpThrottle", "TotpUserThrottle"]

_PERIODS = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}


class _Counting(SimpleRateThrottle):
    """`rate`, `get_rate`, `scope`, `get_ident` and `get_cache_key` mean what they always mean."""

    num_requests: int | None
    duration: int | None
    _wait: int | None = None
    _account_field: str | None = None

    def get_rate(self) -> str | None:
        """Return TOTP_THROTTLE_RATE as it is now; None is no limit."""
        rate = get_settings().throttle_rate
        return None if rate is None else f"{rate.requests}/{_PERIODS[rate.seconds]}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        self._account_field = getattr(view, "account_field", None)
        key = self.get_cache_key(request, view) if self.rate is not None else None
        if key is None or self.num_requests is None or self.duration is None:
            return True
        endpoint = f"{type(view).__name__}.{getattr(view, 'action', None)}"
        self._wait = seconds_to_wait(f"{endpoint}\n{key}", Rate(self.num_requests, self.duration))
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait

    def get_ident(self, request: Request) -> str:
        """Return what an anonymous caller is known by: an address, or else what they speak of."""
        account = _text(request, self._account_field or get_user_model().USERNAME_FIELD)
        return anonymous_ident(request, account, num_proxies=api_settings.NUM_PROXIES)


def _text(request: Request, field: str) -> str:
    body: Any = request.data
    value = body.get(field) if isinstance(body, Mapping) else None
    return str(value) if isinstance(value, str | int) else ""  # a name may be a number


class TotpUserThrottle(_Counting, UserRateThrottle):
    """Limits each user, and each address of callers who are not signed in."""


class TotpAnonThrottle(_Counting, AnonRateThrottle):
    """Limits each address of callers who are not signed in."""


class TotpThrottle(TotpUserThrottle):
    """The name that `TotpUserThrottle` had before; deprecated by django-totp as well."""

    def __init__(self) -> None:
        warnings.warn("Use TotpUserThrottle.", DeprecationWarning, stacklevel=2)
        super().__init__()
