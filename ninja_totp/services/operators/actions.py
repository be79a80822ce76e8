"""What a site's own people do to somebody's factor: reset it, or end a lock.

Nothing is proved here by a code: whoever calls answers for it, and says who did it and why. Who
may do it is decided by the caller (the admin by permissions, a command by the shell it runs in).
"""

import logging
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

from ninja_totp import signals
from ninja_totp.async_variants import awaitable
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.core.lockout import Counters
from ninja_totp.models import Event, Totp, counter_columns
from ninja_totp.services.events import record
from ninja_totp.services.operators.inspection import present_step, steps_ahead
from ninja_totp.services.proof import Ground
from ninja_totp.services.recovery.ended_access import end_proofs
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.totp import taken_away
from ninja_totp.services.verify import factor_of

__all__ = ["areset_totp", "aunlock_totp", "reset_totp", "unlock_totp"]

logger = logging.getLogger("ninja_totp")

_NO_FAILURES = counter_columns(Counters(), Counters(), "")


def reset_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, request: HttpRequest | None = None
) -> None:
    """Bring the user back to having no second factor, so that they can enrol again at once.

    Ends what `disable_totp` ends, and besides: an enrolment that nobody confirmed, all counted
    failures, trusted devices and open challenges. Tokens from before have no say in the next factor
    and refresh no more. Sessions stay: a new password ends them. `actor` and `reason` are for the
    record ("admin 7", "lost the phone; called back at the number on file"). Raises NotEnrolled
    when there is nothing to reset.
    """
    was_enabled = until_swapped(lambda: _reset(user))
    _log("reset", user, actor, reason)
    if was_enabled:
        signals.announce(signals.totp_disabled, user=user, request=request)


def _reset(user: AbstractBaseUser) -> bool:
    totp = factor_of(user)
    if totp is None or not (totp.is_enabled or totp.pending_secret or _has_failures(totp)):
        raise NotEnrolled
    was_enabled = totp.is_enabled
    columns = taken_away(Ground(totp, user)) | _NO_FAILURES | {"has_hashed_codes": False}
    with transaction.atomic(using=database()):
        if not totp.swap(columns, using=database()):
            raise LostSwap
        end_proofs(user)
        # Without the request, whose address is the operator's.
        record(user, Event.Type.RESET, request=None)
    return was_enabled


def _has_failures(totp: Totp) -> bool:
    return any(getattr(totp, name) for name in _NO_FAILURES)


def unlock_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, forgive_clock: bool = False
) -> None:
    """Forget the user's failures: codes and backup codes are looked at again.

    With `forgive_clock`, codes work again too after a server whose clock was ahead has used steps
    that are still to come; whoever saw a code then could use it once more. Raises NotEnrolled
    when the user has never begun to enrol.
    """
    until_swapped(lambda: _unlock(user, forgive_clock=forgive_clock))
    _log("unlock", user, actor, reason)


def _unlock(user: AbstractBaseUser, *, forgive_clock: bool) -> None:
    totp = factor_of(user)
    if totp is None:
        raise NotEnrolled
    columns: dict[str, Any] = dict(_NO_FAILURES)
    if forgive_clock and steps_ahead(totp):
        # The present step stays used up: only what is still to come is given back.
        columns["last_step"] = present_step(totp)
    with transaction.atomic(using=database()):
        if not totp.swap(columns, using=database()):
            raise LostSwap
        record(user, Event.Type.UNLOCKED, request=None)


def _log(action: str, user: AbstractBaseUser, actor: str, reason: str) -> None:
    """Keep by whom and why it was done. The history tells its owner that it was."""
    # %r: whoever types a reason must not be able to write lines of the log.
    logger.info("totp_%s user=%s by=%r reason=%r", action, user.pk, actor, reason)


areset_totp = awaitable(reset_totp)
aunlock_totp = awaitable(unlock_totp)
