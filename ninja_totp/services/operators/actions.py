"""Actions of the site's staff on a user's second factor: reset it, or unlock it.

No code is checked here: the caller is responsible and says who did it and why. The caller also
decides who may do it (the admin by permissions, a command by access to the shell).
"""

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

from ninja_totp import signals
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.core.lockout import Counters
from ninja_totp.models import Account, Event
from ninja_totp.services.authenticators import switch_off
from ninja_totp.services.history import record
from ninja_totp.services.operators.inspection import current_step, steps_ahead
from ninja_totp.services.recovery.ended_access import end_proofs, reset_moment
from ninja_totp.services.verify import columns_of
from ninja_totp.transactions import database, retry_on_conflict

_NO_FAILURES = columns_of({"otp": Counters(), "backup_code": Counters()}, "")


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
        # Without the request: its address is that of the operator.
        record(user, Event.Type.RESET, request=None)
    return was_enabled


def _has_failures(account: Account) -> bool:
    return any(getattr(account, name) for name in _NO_FAILURES)


def _has_authenticators(account: Account) -> bool:
    return account.authenticators.using(database()).exists()


def unlock_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, forgive_clock: bool = False
) -> None:
    """Unlock the user: clear the failures of codes and backup codes.

    With `forgive_clock`, also accept codes again that a server with a wrong clock has used up ahead
    of time; someone who saw one of them could use it again. Raises NotEnrolled if the user has
    never started to set up 2FA.
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
                # The current step stays used: only future steps are given back.
                authenticators.filter(pk=one.pk).update(last_step=current_step(one))
        record(user, Event.Type.UNLOCKED, request=None)


def _log(action: str, user: AbstractBaseUser, actor: str, reason: str) -> None:
    """Log who did it and why. The history shows the owner that it was done."""
    # %r: a reason must not be able to add lines to the log.
    fields = {"event": f"totp_{action}", "user": str(user.pk), "by": actor, "reason": reason}
    said = "totp_%s user=%s by=%r reason=%r"
    signals.log(logging.INFO, said, action, user.pk, actor, reason, **fields)
