"""Who must have a second factor (TOTP_REQUIRED), and from when.

What follows from it stands in the use cases: `auth.py` lets nobody in past the moment,
`required_enrolment.py` is what such a user may do instead, `totp.py` keeps a required factor on.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connections

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import TotpRequired
from ninja_totp.models import Exemption, Totp
from ninja_totp.services.accounts import has_field
from ninja_totp.services.enrolment import insert_row
from ninja_totp.services.operators.report import Audience
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.verify import factor_of

__all__ = [
    "aenrolment_due_at",
    "arequire_enrolled_in_time",
    "due_at_login",
    "enrolment_due_at",
    "is_overdue",
    "missing_groups",
    "require_dispensable",
    "require_enrolled_in_time",
    "unknown_audiences",
]


def enrolment_due_at(user: AbstractBaseUser) -> int | None:
    """Return from when a password alone does not let the user in, in seconds since the epoch.

    None for who has a factor in use, and for whom TOTP_REQUIRED does not mean. The moment is over
    when it is not later than now. An exemption puts it off. Changes nothing: the grace of a user
    who has never logged in under the rule has not begun.
    """
    if get_settings().enforcement.whom is None:
        return None
    totp = factor_of(user)
    if (totp is not None and totp.is_enabled) or not _is_meant(user):
        return None
    return _due_at(user, totp)


def due_at_login(user: AbstractBaseUser, totp: Totp | None) -> int | None:
    """Return the same for a user who has no factor in use and is let in, or was.

    The first time begins the user's grace.
    """
    if not _is_meant(user):
        return None
    if totp is None or not totp.required_epoch:
        totp = until_swapped(lambda: _begun_grace(user))
    return _due_at(user, totp)


def require_enrolled_in_time(user: AbstractBaseUser) -> None:
    """Raise TotpRequired for a user without a factor whose time to set one up is over.

    As a login does, it begins the grace of a user who was let in before. Nobody is anonymous.
    """
    if is_overdue(user):
        raise TotpRequired


def is_overdue(user: AbstractBaseUser) -> bool:
    """Whether the user's time to set a factor up is over; it begins the grace as a login does."""
    if get_settings().enforcement.whom is None or user.is_anonymous:
        return False
    totp = factor_of(user)
    if totp is not None and totp.is_enabled:
        return False
    due_at = due_at_login(user, totp)
    return due_at is not None and due_at <= clock.now()


def require_dispensable(user: AbstractBaseUser) -> None:
    """Raise TotpRequired for a user who has a factor and must not give it up."""
    rules, now = get_settings().enforcement, clock.now()
    if rules.since > now or not _is_meant(user) or _exempted_until(user) > now:
        return
    totp = factor_of(user)
    if totp is not None and totp.is_enabled:
        raise TotpRequired


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
    whom = get_settings().enforcement.whom
    return list(map(Audience.named, whom)) if isinstance(whom, tuple) else []


def _begun_grace(user: AbstractBaseUser) -> Totp:
    totp, begun = factor_of(user), {"required_epoch": clock.now()}
    if totp is None:
        return insert_row(user, begun)
    if not totp.required_epoch and not totp.swap(begun, using=database()):
        raise LostSwap
    return totp


def _due_at(user: AbstractBaseUser, totp: Totp | None) -> int:
    rules = get_settings().enforcement
    begun = (totp.required_epoch if totp is not None else 0) or clock.now()
    # Whoever lost a factor by a recovery or a reset knows how to set one up.
    grace = 0 if totp is not None and totp.reset_epoch else rules.grace
    return max(begun + grace, rules.since + grace, _exempted_until(user))


def _is_meant(user: AbstractBaseUser) -> bool:
    whom = get_settings().enforcement.whom
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
