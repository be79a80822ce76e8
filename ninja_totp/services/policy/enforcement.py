"""Enforce two-factor authentication (TOTP_REQUIRED): which users must have it, and from when.

The use cases apply it: `first_step.py` refuses logins after that time, `login.py` lets such users
set up 2FA, `authenticators.py` keeps required 2FA on.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connections, transaction

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import EnrolmentRequired
from ninja_totp.models import Account, Exemption
from ninja_totp.models.users import has_field
from ninja_totp.services.operators.report import Audience
from ninja_totp.transactions import database, retry_on_conflict


def enrolment_due_at(user: AbstractBaseUser) -> int | None:
    """Return when the password alone is no longer enough, in seconds since the epoch.

    None for a user with 2FA, and for a user to whom TOTP_REQUIRED does not apply. The time may be
    in the past. An exemption postpones it. This changes nothing: the grace period of a user begins
    at the first login under the rule.
    """
    if get_settings().required is None:
        return None
    return due_at_login(user, Account.of(user), begins_grace=False)


def due_at_login(
    user: AbstractBaseUser, account: Account | None, *, begins_grace: bool = True
) -> int | None:
    """Return the same for a user who logs in, or has logged in: this begins the grace period."""
    if (account is not None and account.is_enabled) or not _applies_to(user):
        return None
    if begins_grace and (account is None or not account.required_epoch):
        account = _begun_grace(user)
    settings = get_settings()
    begun = (account.required_epoch if account is not None else 0) or clock.now()
    # No grace after a recovery or a reset: that user knows how to set up 2FA.
    grace = 0 if account is not None and account.reset_epoch else settings.required_grace
    return max(begun + grace, settings.required_since + grace, _exempted_until(user))


def require_enrolled_in_time(user: AbstractBaseUser) -> None:
    """Raise EnrolmentRequired for a user who must have 2FA by now and has none.

    Like a login, it begins the grace period of a user who is already logged in. Anonymous users
    pass.
    """
    if is_overdue(user):
        raise EnrolmentRequired


def is_overdue(user: AbstractBaseUser) -> bool:
    """Whether the user must have 2FA by now and has none. Begins the grace period like a login."""
    if get_settings().required is None or user.is_anonymous:
        return False
    due_at = due_at_login(user, Account.of(user))
    return due_at is not None and due_at <= clock.now()


def require_dispensable(user: AbstractBaseUser) -> None:
    """Raise EnrolmentRequired for a user who has 2FA and must keep it on."""
    now = clock.now()
    since = get_settings().required_since
    if since > now or not _applies_to(user) or _exempted_until(user) > now:
        return
    account = Account.of(user)
    if account is not None and account.is_enabled:
        raise EnrolmentRequired(EnrolmentRequired.must_stay_on)


def unknown_audiences() -> list[str]:
    """Return the audiences of TOTP_REQUIRED that the user model cannot tell apart."""
    return [str(audience) for audience in _audiences() if not audience.exists]


def missing_groups() -> list[str]:
    """Return the groups in TOTP_REQUIRED that do not exist; none before `migrate`."""
    named = {audience.group for audience in _audiences() if audience.group is not None}
    if not named or not has_field("groups"):
        return []
    groups: Any = get_user_model()._meta.get_field("groups").related_model
    if groups._meta.db_table not in connections[database()].introspection.table_names():
        return []
    known = groups.objects.using(database()).filter(name__in=named)
    return sorted(named.difference(known.values_list("name", flat=True)))


def _audiences() -> list[Audience]:
    required = get_settings().required
    return list(map(Audience.named, required)) if isinstance(required, tuple) else []


@retry_on_conflict
def _begun_grace(user: AbstractBaseUser) -> Account:
    account = Account.of(user)
    if account is None or not account.required_epoch:
        with transaction.atomic(using=database()):
            account = account or Account.new(user)
            account.write(required_epoch=clock.now())
    return account


def _applies_to(user: AbstractBaseUser) -> bool:
    required = get_settings().required
    if required is None:
        return False
    if isinstance(required, tuple):
        return any(Audience.named(name).includes(user) for name in required)
    return bool(required(user))


def _exempted_until(user: AbstractBaseUser) -> int:
    found = Exemption.objects.using(database()).filter(user_id=user.pk)
    return found.values_list("expires_epoch", flat=True).first() or 0
