"""A factor in use: is there one, check a code, disable.

Getting one is `enrolment.py`, logging in with one is `auth.py`, backup codes are
`backup_codes.py`, what a user may know of it is `status.py`.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.async_variants import awaitable
from ninja_totp.core.errors import InvalidCode, NotEnrolled
from ninja_totp.models import Event
from ninja_totp.services.backup_codes import drop_codes
from ninja_totp.services.enrolment import NOTHING_PENDING
from ninja_totp.services.events import record
from ninja_totp.services.factor_change import Authority, change_factor
from ninja_totp.services.policy.enforcement import require_dispensable
from ninja_totp.services.proof import Ground, Proof
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.verify import attempt, enabled_ground, factor_of

__all__ = [
    "adisable_totp",
    "ais_totp_enabled",
    "averify_totp_code",
    "disable_totp",
    "is_totp_enabled",
    "switched_off",
    "taken_away",
    "verify_totp_code",
]


def is_totp_enabled(user: AbstractBaseUser) -> bool:
    """Return whether the user has a confirmed authenticator."""
    # The whole row, because its SELECT is written already.
    totp = factor_of(user)
    return totp is not None and totp.is_enabled


@sensitive_variables()
def verify_totp_code(
    user: AbstractBaseUser, input_code: str, *, request: HttpRequest | None = None
) -> bool:
    """Use `input_code`: True once for a right code, False for a wrong or a used one.

    Raises NotEnabled without a confirmed factor, Locked after too many failures.
    """
    try:
        attempt(lambda: enabled_ground(user), Proof(otp_code=input_code), request=request)
    except InvalidCode:
        return False
    return True


def disable_totp(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Switch the second factor off and delete its secret and codes.

    An enrolment that nobody confirmed is called off, whatever the authority. The counters stay,
    so that switching off and on gains nobody new guesses. Raises NotEnrolled, TotpRequired where
    TOTP_REQUIRED wants the user to have a factor (`reset_totp` is for operators), and what
    `change_factor` raises for `authority` and `authenticated_at`.
    """
    require_dispensable(user)

    def drop(_: Ground) -> None:
        drop_codes(user)
        record(user, Event.Type.DISABLED, request=request)

    try:
        change_factor(
            user,
            authority,
            changes=switched_off,
            alongside=drop,
            authenticated_at=authenticated_at,
            request=request,
        )
    except NotEnrolled:
        until_swapped(lambda: _call_off(user))
        return
    signals.announce(signals.totp_disabled, user=user, request=request)


def _call_off(user: AbstractBaseUser) -> None:
    totp = factor_of(user)
    if totp is None or totp.is_enabled or not totp.pending_secret:
        raise NotEnrolled
    if not totp.swap(NOTHING_PENDING, using=database()):
        raise LostSwap


def switched_off(ground: Ground) -> dict[str, Any]:
    """Return the columns of a factor that is no longer in use."""
    return {
        "secret": "",
        **NOTHING_PENDING,
        "key_id": "",
        "generation": ground.totp.generation + 1,
        "confirmed_at": None,
        "disabled_at": timezone.now(),
    }


def taken_away(ground: Ground) -> dict[str, Any]:
    """Return the columns of a factor that was removed without a proof of it.

    Who logged in before has no say in a new one (see `require_since_reset`).
    """
    return switched_off(ground) | {"reset_epoch": clock.now()}


ais_totp_enabled = awaitable(is_totp_enabled)
averify_totp_code = awaitable(verify_totp_code)
adisable_totp = awaitable(disable_totp)
