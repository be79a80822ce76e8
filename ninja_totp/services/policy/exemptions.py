"""Exempt a user from TOTP_REQUIRED for some time. The caller decides who may do it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from ninja_totp import clock, signals
from ninja_totp.models import Event, Exemption
from ninja_totp.services.history import record
from ninja_totp.transactions import database

# A longer exemption should be a rule.
_LONGEST = 10 * 366 * 86_400


def exempt_from_totp(
    user: AbstractBaseUser, *, actor: str, reason: str, expires_at: datetime
) -> None:
    """Exempt the user from required 2FA until `expires_at`, which has a time zone.

    Replaces an earlier exemption. `actor` and `reason` are for the log. Raises ValueError for a
    time in the past or more than ten years ahead, and for a reason without 1 to 200 characters.
    """
    seconds = int(expires_at.timestamp())
    if not 0 < seconds - clock.now() <= _LONGEST or not 0 < len(reason) <= 200:
        raise ValueError(
            "An exemption needs a time in the next ten years, and a reason of 1 to 200 characters."
        )
    values = {"reason": reason, "expires_epoch": seconds}

    def exempt() -> bool:
        Exemption.objects.using(database()).update_or_create(user_id=user.pk, defaults=values)
        return True

    _write(user, Event.Type.EXEMPTED, exempt)
    until = datetime.fromtimestamp(seconds, UTC).isoformat()
    fields = {"event": "totp_exempt", "user": str(user.pk), "by": actor, "reason": reason}
    said = "totp_exempt user=%s until=%s by=%r reason=%r"
    signals.log(logging.INFO, said, user.pk, until, actor, reason, **fields, until=until)


def end_totp_exemption(user: AbstractBaseUser, *, actor: str, reason: str) -> bool:
    """End the user's exemption. False if there was none."""

    def end() -> bool:
        deleted, _ = Exemption.objects.using(database()).filter(user_id=user.pk).delete()
        return bool(deleted)

    was_exempted = _write(user, Event.Type.EXEMPTION_ENDED, end)
    if was_exempted:
        fields = {"event": "totp_exemption_ended", "user": str(user.pk)}
        fields |= {"by": actor, "reason": reason}
        said = "totp_exemption_ended user=%s by=%r reason=%r"
        signals.log(logging.INFO, said, user.pk, actor, reason, **fields)
    return was_exempted


def _write(user: AbstractBaseUser, kind: Event.Type, change: Callable[[], bool]) -> bool:
    with transaction.atomic(using=database()):
        is_done = change()
        if is_done:
            # Without the request: its address is that of the operator.
            record(user, kind, request=None)
    return is_done


def current_exemptions() -> list[Exemption]:
    """Return the current exemptions with their users, ordered by their end."""
    current = Exemption.objects.using(database()).filter(expires_epoch__gt=clock.now())
    return list(current.select_related("user").order_by("expires_epoch", "pk"))
