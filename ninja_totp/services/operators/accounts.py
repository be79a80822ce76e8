"""What the site's staff see of a user's second factor, and do: inspect, reset, unlock, exempt.

No secret and no code is shown, and no code is checked: the caller is responsible and says who did
it and why. The caller also decides who may do it (the admin by permissions, a command by access to
the shell). The status for the user is in `authenticators.py`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.core.lockout import Counters
from ninja_totp.core.otp import step_at
from ninja_totp.models import Account, Authenticator, BackupCode, Event, Exemption
from ninja_totp.services.authenticators import LockState, lock_state, switch_off
from ninja_totp.services.history import record
from ninja_totp.services.recovery.recovery import end_proofs
from ninja_totp.services.verify import columns_of
from ninja_totp.transactions import database, retry_on_conflict

# A longer exemption should be a rule.
_LONGEST_EXEMPTION = 10 * 366 * 86_400
_NO_FAILURES = columns_of({"otp": Counters(), "backup_code": Counters()}, "")


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
        pending_until=datetime.fromtimestamp(pending[0], UTC) if pending else None,
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


@retry_on_conflict
def reset_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, request: HttpRequest | None = None
) -> None:
    """Reset 2FA (lost phone), so that the user can set it up again at once.

    Ends what `disable_totp` ends, and also a pending enrolment, all counted failures, trusted
    devices and open challenges. Older tokens cannot set up the next second factor and cannot be
    refreshed. Sessions stay: a new password ends them. `actor` and `reason` are for the log ("admin
    7", "lost the phone; called back at the number on file"). Raises NotEnrolled if there is nothing
    to reset.
    """
    account = Account.of(user)
    if account is None:
        raise NotEnrolled
    has_failures = any(getattr(account, name) for name in _NO_FAILURES)
    if not (has_failures or account.authenticators.using(database()).exists()):
        raise NotEnrolled
    was_enabled = account.is_enabled
    with transaction.atomic(using=database()):
        switch_off(account, is_reset=True, **_NO_FAILURES)
        end_proofs(user)
        # Without the request: its address is that of the operator.
        record(user, Event.Type.RESET, request=None)
    _log("reset", user, actor, reason)
    if was_enabled:
        signals.announce(signals.totp_disabled, user=user, request=request)


@retry_on_conflict
def unlock_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, forgive_clock: bool = False
) -> None:
    """Unlock the user: clear the failures of codes and backup codes.

    With `forgive_clock`, also accept codes again that a server with a wrong clock has used up ahead
    of time; someone who saw one of them could use it again. Raises NotEnrolled if the user has
    never started to set up 2FA.
    """
    account = Account.of(user)
    if account is None:
        raise NotEnrolled
    authenticators = account.authenticators.using(database())
    with transaction.atomic(using=database()):
        account.write(**_NO_FAILURES)
        for one in authenticators.all() if forgive_clock else ():
            if seconds_ahead([one]):
                # The current step stays used: only future steps are given back.
                step = step_at(clock.now(), one.parameters)
                authenticators.filter(pk=one.pk).update(last_step=step)
        record(user, Event.Type.UNLOCKED, request=None)
    _log("unlock", user, actor, reason)


def exempt_from_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, expires_at: datetime
) -> None:
    """Exempt the user from required 2FA until `expires_at`, which has a time zone.

    Replaces an earlier exemption. `actor` and `reason` are for the log. Raises ValueError for a
    time in the past or more than ten years ahead, and for a reason without 1 to 200 characters.
    """
    seconds = int(expires_at.timestamp())
    if not 0 < seconds - clock.now() <= _LONGEST_EXEMPTION or not 0 < len(reason) <= 200:
        raise ValueError(
            "An exemption needs a time in the next ten years, and a reason of 1 to 200 characters."
        )
    values = {"reason": reason, "expires_epoch": seconds}
    with transaction.atomic(using=database()):
        Exemption.objects.using(database()).update_or_create(user_id=user.pk, defaults=values)
        record(user, Event.Type.EXEMPTED, request=None)
    _log("exempt", user, actor, reason, until=datetime.fromtimestamp(seconds, UTC).isoformat())


def end_totp_exemption(user: AbstractBaseUser, *, actor: str, reason: str) -> bool:
    """End the user's exemption. False if there was none."""
    with transaction.atomic(using=database()):
        deleted, _ = Exemption.objects.using(database()).filter(user_id=user.pk).delete()
        if not deleted:
            return False
        record(user, Event.Type.EXEMPTION_ENDED, request=None)
    _log("exemption_ended", user, actor, reason)
    return True


def current_exemptions() -> list[Exemption]:
    """Return the current exemptions with their users, ordered by their end."""
    current = Exemption.objects.using(database()).filter(expires_epoch__gt=clock.now())
    return list(current.select_related("user").order_by("expires_epoch", "pk"))


def _log(action: str, user: AbstractBaseUser, actor: str, reason: str, **more: str) -> None:
    """Log who did it and why. The history shows the owner that it was done."""
    about = {"event": f"totp_{action}", "user": str(user.pk), **more}
    fields = {**about, "by": actor, "reason": reason}
    # %r: a reason must not be able to add lines to the log.
    said = " ".join(("%s user=%s", *(f"{name}=%s" for name in more), "by=%r reason=%r"))
    signals.log(logging.INFO, said, *fields.values(), **fields)
