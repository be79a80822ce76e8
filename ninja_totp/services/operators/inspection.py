"""The state of a factor as an operator needs it. Reads only, and never a secret or a code.

What the user may know of it is `status.py`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.lockout import Lock
from ninja_totp.core.otp import step_at
from ninja_totp.models import BackupCode, Totp
from ninja_totp.services.proof import Ground, Method
from ninja_totp.services.swapping import database
from ninja_totp.services.verify import factor_of, lock_on

__all__ = [
    "FactorState",
    "LockState",
    "ainspect_totp",
    "inspect_totp",
    "lock_state",
    "present_step",
    "steps_ahead",
]


@dataclass(frozen=True, slots=True)
class LockState:
    """Why codes are not looked at, and until when. `until` None: until somebody acts."""

    reason: Literal["burst", "budget", "cap"]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FactorState:
    """One user's factor. `key_id` names the encryption key that it needs, "" for none."""

    is_enabled: bool = False
    confirmed_at: datetime | None = None
    disabled_at: datetime | None = None
    last_used_at: datetime | None = None
    pending_until: datetime | None = None
    key_id: str = ""
    key_is_known: bool = True
    codes_left: int = 0
    codes_used: int = 0
    codes_hashed: int = 0
    failures: int = 0
    backup_failures: int = 0
    lock: LockState | None = None
    backup_lock: LockState | None = None
    clock_ahead_seconds: int = 0


def inspect_totp(user: AbstractBaseUser) -> FactorState:
    """Return the state of the user's factor, in two queries."""
    totp = factor_of(user)
    if totp is None:
        return FactorState()
    unused = Q(used_at=None)
    codes = (
        BackupCode.objects.using(database())
        .filter(user_id=user.pk)
        .aggregate(
            left=Count("pk", filter=unused),
            used=Count("pk", filter=~unused),
            hashed=Count("pk", filter=unused & ~Q(legacy_hash="")),
        )
    )
    is_pending = totp.has_pending(now=clock.now())
    return FactorState(
        is_enabled=totp.is_enabled,
        confirmed_at=totp.confirmed_at,
        disabled_at=totp.disabled_at,
        last_used_at=totp.last_used_at,
        pending_until=_moment(totp.pending_expires_epoch) if is_pending else None,
        key_id=totp.key_id,
        key_is_known=totp.key_id in ("", *get_settings().key_ring.key_ids),
        codes_left=codes["left"],
        codes_used=codes["used"],
        codes_hashed=codes["hashed"],
        failures=totp.failures,
        backup_failures=totp.backup_failures,
        lock=lock_state(totp, user, "otp"),
        backup_lock=lock_state(totp, user, "backup_code"),
        clock_ahead_seconds=steps_ahead(totp) * totp.period_seconds,
    )


def lock_state(totp: Totp, user: AbstractBaseUser, method: Method) -> LockState | None:
    """Return the lock on one kind of code, None when it is looked at. Asks no database."""
    lock: Lock | None = lock_on(Ground(totp, user), method)
    if lock is None:
        return None
    return LockState(lock.reason, _moment(lock.until) if lock.until is not None else None)


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def present_step(totp: Totp) -> int:
    """Return the step of this moment."""
    return step_at(clock.now(), totp.parameters)


def steps_ahead(totp: Totp) -> int:
    """Return how many steps beyond any that can be typed now were used; 0 with a right clock.

    More than 0 after a server's clock was ahead: until the time has caught up, no code is taken.
    """
    window = get_settings().window if totp.window is None else totp.window
    return max(0, totp.last_step - present_step(totp) - window)


ainspect_totp = awaitable(inspect_totp)
