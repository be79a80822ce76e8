"""What a site's own people do to somebody's factor: reset it, or end a lock.

Nothing is proved here by a code: whoever calls answers for it, and says who did it and why. Who
may do it is decided by the caller (the admin by permissions, a command by the shell it runs in).
"""

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

from ninja_totp import signals
from ninja_totp.async_variants import awaitable
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.core.lockout import Counters
from ninja_totp.models import Account, Event
from ninja_totp.services.authenticators import switch_off
from ninja_totp.services.history import record
from ninja_totp.services.operators.inspection import present_step, steps_ahead
from ninja_totp.services.recovery.ended_access import end_proofs, reset_moment
from ninja_totp.services.verify import columns_of
from ninja_totp.transactions import database, retry_on_conflict

logger = logging.getLogger("ninja_totp")

_NO_FAILURES = columns_of({"otp": Counters(), "backup_code": Counters()}, "")


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
    was_enabled = _reset(user)
    _log("reset", user, actor, reason)
    if was_enabled:
        signals.announce(signals.totp_disabled, user=user, request=request)


@retry_on_conflict
def _reset(user: AbstractBaseUser) -> bool:
    account = Account.of(user)
    if account is None or not (_has_failures(account) or _has_authenticators(account)):
        raise NotEnrolled
    was_enabled = account.is_enabled
    with transaction.atomic(using=database()):
        switch_off(account, reset_epoch=reset_moment(), **_NO_FAILURES)
        end_proofs(user)
        # Without the request, whose address is the operator's.
        record(user, Event.Type.RESET, request=None)
    return was_enabled


def _has_failures(account: Account) -> bool:
    return any(getattr(account, name) for name in _NO_FAILURES)


def _has_authenticators(account: Account) -> bool:
    return account.authenticators.using(database()).exists()


def unlock_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, forgive_clock: bool = False
) -> None:
    """Forget the user's failures: codes and backup codes are looked at again.

    With `forgive_clock`, codes work again too after a server whose clock was ahead has used steps
    that are still to come; whoever saw a code then could use it once more. Raises NotEnrolled
    when the user has never begun to enrol.
    """
    _unlock(user, forgive_clock=forgive_clock)
    _log("unlock", user, actor, reason)


@retry_on_conflict
def _unlock(user: AbstractBaseUser, *, forgive_clock: bool) -> None:
    account = Account.of(user)
    if account is None:
        raise NotEnrolled
    authenticators = account.authenticators.using(database())
    with transaction.atomic(using=database()):
        account.write(**_NO_FAILURES)
        for one in authenticators.all() if forgive_clock else ():
            if steps_ahead(one):
                # The present step stays used up: only what is still to come is given back.
                authenticators.filter(pk=one.pk).update(last_step=present_step(one))
        record(user, Event.Type.UNLOCKED, request=None)


def _log(action: str, user: AbstractBaseUser, actor: str, reason: str) -> None:
    """Keep by whom and why it was done. The history tells its owner that it was."""
    # %r: whoever types a reason must not be able to write lines of the log.
    fields = {"event": f"totp_{action}", "user": str(user.pk), "by": actor, "reason": reason}
    logger.info("totp_%s user=%s by=%r reason=%r", action, user.pk, actor, reason, extra=fields)


areset_totp = awaitable(reset_totp)
aunlock_totp = awaitable(unlock_totp)
