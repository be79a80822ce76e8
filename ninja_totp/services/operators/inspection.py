"""The state of a user's second factor for an operator. Reads only, and never a secret or a code.

The status for the user is in `authenticators.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.core.lockout import lock_of
from ninja_totp.core.otp import step_at
from ninja_totp.models import Account, Authenticator, BackupCode
from ninja_totp.services.verify import Method, counters_of
from ninja_totp.transactions import database


@dataclass(frozen=True, slots=True)
class LockState:
    """Why codes are locked, and until when. `until` None: an operator must act."""

    reason: Literal["burst", "budget", "cap"]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FactorState:
    """The second factor of a user. `authenticators` are their names, oldest first.

    `key_id` is the id of the encryption key (of several, an unknown one), "" if there is none.
    """

    is_enabled: bool = False
    confirmed_at: datetime | None = None
    disabled_at: datetime | None = None
    last_used_at: datetime | None = None
    pending_until: datetime | None = None
    key_id: str = ""
    key_is_known: bool = True
    authenticators: tuple[str, ...] = ()
    codes_left: int = 0
    codes_used: int = 0
    failures: int = 0
    backup_failures: int = 0
    lock: LockState | None = None
    backup_lock: LockState | None = None
    clock_ahead_seconds: int = 0


def inspect_totp(user: AbstractBaseUser) -> FactorState:
    """Return the state of the user's factor, in three queries."""
    account = Account.of(user)
    if account is None:
        return FactorState()
    codes, unused = BackupCode.objects.using(database()).filter(user_id=user.pk), Q(used_at=None)
    authenticators = list(account.authenticators.using(database()).order_by("confirmed_at", "pk"))
    confirmed = [one for one in authenticators if one.confirmed_at is not None]
    pending = [one.expires_epoch for one in authenticators if one.expires_epoch > clock.now()]
    known = ("", *get_settings().key_ring.key_ids)
    key_id = min((one.key_id for one in confirmed), key=known.__contains__, default="")
    return FactorState(
        is_enabled=account.is_enabled,
        confirmed_at=account.confirmed_at,
        disabled_at=account.disabled_at,
        last_used_at=account.last_used_at,
        pending_until=_moment(pending[0]) if pending else None,
        key_id=key_id,
        key_is_known=key_id in known,
        authenticators=tuple(one.name for one in confirmed),
        **codes.aggregate(
            codes_left=Count("pk", filter=unused), codes_used=Count("pk", filter=~unused)
        ),
        failures=account.failures,
        backup_failures=account.backup_failures,
        lock=lock_state(account, user, "otp", authenticators=len(confirmed)),
        backup_lock=lock_state(account, user, "backup_code", authenticators=len(confirmed)),
        clock_ahead_seconds=seconds_ahead(confirmed),
    )


def lock_state(
    account: Account, user: AbstractBaseUser, method: Method, *, authenticators: int
) -> LockState | None:
    """Return the lock on one kind of code, or None. Needs no query.

    `authenticators` is how many confirmed ones the account has.
    """
    counters = counters_of(account, password_fingerprint(user.password))[method]
    cost = max(1, authenticators) if method == "otp" else 1
    lock = lock_of(counters, get_settings().lockout, now=clock.now(), cost=cost)
    if lock is None:
        return None
    return LockState(lock.reason, _moment(lock.until) if lock.until is not None else None)


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def seconds_ahead(authenticators: Iterable[Authenticator]) -> int:
    """Return how far in the future a step was already used; 0 if all clocks are correct.

    More than 0 after a server's clock was ahead. Until that time, no code is accepted.
    """
    ahead = 0
    for one in authenticators:
        window = get_settings().window if one.window is None else one.window
        steps = one.last_step - step_at(clock.now(), one.parameters) - window
        ahead = max(ahead, steps * one.period_seconds)
    return ahead
