"""Who must have a second factor (TOTP_REQUIRED), and from when.

What follows from it stands in the use cases: `login.py` lets nobody in past the moment,
`required_enrolment.py` is what such a user may do instead, `authenticators.py` keeps a required
factor on.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connections, transaction

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import EnrolmentRequired
from ninja_totp.models import Account, Exemption
from ninja_totp.models.users import has_field
from ninja_totp.services.operators.report import Audience
from ninja_totp.transactions import database, retry_on_conflict


def enrolment_due_at(user: AbstractBaseUser) -> int | None:
    """Return from when a password alone does not let the user in, in seconds since the epoch.

    None for who has a factor in use, and for whom TOTP_REQUIRED does not mean. The moment is over
    when it is not later than now. An exemption puts it off. Changes nothing: the grace of a user
    who has never logged in under the rule has not begun.
    """
    if get_settings().required is None:
        return None
    account = Account.of(user)
    if (account is not None and account.is_enabled) or not _applies_to(user):
        return None
    return _due_at(user, account)


def due_at_login(user: AbstractBaseUser, account: Account | None) -> int | None:
    """Return the same for a user who has no factor in use and is let in, or was.

    The first time begins the user's grace.
    """
    if not _applies_to(user):
        return None
    if account is None or not account.required_epoch:
        account = _begun_grace(user)
    return _due_at(user, account)


def require_enrolled_in_time(user: AbstractBaseUser) -> None:
    """Raise EnrolmentRequired for a user without a factor whose time to set one up is over.

    As a login does, it begins the grace of a user who was let in before. Nobody is anonymous.
    """
    if is_overdue(user):
        raise EnrolmentRequired


def is_overdue(user: AbstractBaseUser) -> bool:
    """Whether the user's time to set a factor up is over; it begins the grace as a login does."""
    if get_settings().required is None or user.is_anonymous:
        return False
    account = Account.of(user)
    if account is not None and account.is_enabled:
        return False
    due_at = due_at_login(user, account)
    return due_at is not None and due_at <= clock.now()


def require_dispensable(user: AbstractBaseUser) -> None:
    """Raise EnrolmentRequired for a user who has a factor and must not give it up."""
    now = clock.now()
    since = get_settings().required_since
    if since > now or not _applies_to(user) or _exempted_until(user) > now:
        return
    account = Account.of(user)
    if account is not None and account.is_enabled:
        raise EnrolmentRequired(EnrolmentRequired.must_stay_on)


def unknown_audiences() -> list[str]:
    """Return the audiences of TOTP_REQUIRED of which the user model knows nothing."""
    return [str(audience) for audience in _audiences() if not audience.exists]


def missing_groups() -> list[str]:
    """Return the groups that TOTP_REQUIRED names and that do not exist; none before `migrate`."""
    named = {audience.group for audience in _audiences() if audience.group is not None}
    if not named or not has_field("groups"):
        return []
    groups: Any = get_user_model()._meta.get_field("groups").related_model
    if groups._meta.db_table not in connections[database()].introspection.table_names():
        return []
    known = groups.objects.using(database()).filter(name__in=named)
    return sorted(named.difference(known.values_list("name", flat=True)))


def _audiences() -> list[Audience]:
    whom = get_settings().required
    return list(map(Audience.named, whom)) if isinstance(whom, tuple) else []


@retry_on_conflict
def _begun_grace(user: AbstractBaseUser) -> Account:
    account = Account.of(user)
    if account is None or not account.required_epoch:
        with transaction.atomic(using=database()):
            account = account or Account.new(user)
            account.write(required_epoch=clock.now())
    return account


def _due_at(user: AbstractBaseUser, account: Account | None) -> int:
    settings = get_settings()
    begun = (account.required_epoch if account is not None else 0) or clock.now()
    # A user who lost a factor by a recovery or a reset knows how to set one up.
    grace = 0 if account is not None and account.reset_epoch else settings.required_grace
    return max(begun + grace, settings.required_since + grace, _exempted_until(user))


def _applies_to(user: AbstractBaseUser) -> bool:
    whom = get_settings().required
    if whom is None:
        return False
    if isinstance(whom, tuple):
        return any(Audience.named(name).includes(user) for name in whom)
    return bool(whom(user))


def _exempted_until(user: AbstractBaseUser) -> int:
    exemption = Exemption.objects.using(database()).filter(user_id=user.pk).first()
    return exemption.expires_epoch if exemption is not None else 0


aenrolment_due_at = awaitable(enrolment_due_at)
arequire_enrolled_in_time = awaitable(require_enrolled_in_time)
