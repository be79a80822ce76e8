"""Enforce two-factor authentication (TOTP_REQUIRED): which users must have it, and from when.

The use cases apply it: `first_step.py` refuses logins after that time, `login.py` lets such users
set up 2FA, `authenticators.py` keeps required 2FA on. Also here: how many users have 2FA, and which
users a rule would lock out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Self

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connections, transaction
from django.db.models import Count, Exists, OuterRef, Q

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import EnrolmentRequired
from ninja_totp.models import Account, Exemption
from ninja_totp.models.users import all_users, has_field
from ninja_totp.transactions import database, retry_on_conflict

_KINDS = {"all": None, "staff": "is_staff", "superusers": "is_superuser"}


@dataclass(frozen=True, slots=True)
class Audience:
    """A set of active users: "all", "staff", "superusers", or the members of `group`."""

    kind: str = "all"
    group: str | None = None

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the audience with this name in TOTP_REQUIRED: "staff", "group:editors"."""
        kind, _, group = name.partition(":")
        return cls(group=group) if kind == "group" else cls(kind)

    def includes(self, user: AbstractBaseUser) -> bool:
        """Whether the user is one of them. Needs a query for groups only."""
        if self.group is not None:
            groups: Any = getattr(user, "groups", None)  # a user model may have no groups
            return groups is not None and groups.using(database()).filter(name=self.group).exists()
        flag = _KINDS[self.kind]
        return flag is None or bool(getattr(user, flag, False))

    def __str__(self) -> str:
        return self.kind if self.group is None else f"group {self.group}"

    @property
    def exists(self) -> bool:
        """Whether the user model can tell such users apart."""
        field = "groups" if self.group is not None else _KINDS[self.kind]
        return field is None or has_field(field)


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
    """Return the same for a user who logs in, or has logged in.

    With `begins_grace`, the first call begins the user's grace period.
    """
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
    now, since = clock.now(), get_settings().required_since
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
    if callable(required):
        return bool(required(user))
    return any(audience.includes(user) for audience in _audiences())


def _exempted_until(user: AbstractBaseUser) -> int:
    found = Exemption.objects.using(database()).filter(user_id=user.pk)
    return found.values_list("expires_epoch", flat=True).first() or 0


@dataclass(frozen=True, slots=True)
class AudienceReport:
    """How many active users an audience has, and how many of them have 2FA."""

    audience: str
    users: int
    enrolled: int

    @property
    def not_enrolled(self) -> int:
        """How many have no 2FA."""
        return self.users - self.enrolled


def totp_report(*audiences: Audience) -> list[AudienceReport]:
    """Return the numbers of each audience, in one query each.

    By default: superusers, staff and all, as far as the user model can tell them apart.
    """
    usual = (Audience("superusers"), Audience("staff"), Audience())
    shown = audiences or [one for one in usual if one.exists]
    enrolled = Count("pk", filter=Q(ninja_totp__confirmed_at__isnull=False))
    return [
        AudienceReport(str(one), **_members(one).aggregate(users=Count("pk"), enrolled=enrolled))
        for one in shown
    ]


def people(audience: Audience, *, enrolled: bool) -> Iterator[tuple[Any, str]]:
    """Yield primary key and login name of the members with (or without) 2FA."""
    members = _members(audience).filter(ninja_totp__confirmed_at__isnull=not enrolled)
    name = members.model.USERNAME_FIELD
    for key, named in members.order_by("pk").values_list("pk", name).iterator(chunk_size=2000):
        yield key, str(named)


def would_be_shut_out(rule: tuple[str, ...] | Callable[[Any], bool]) -> Iterator[AbstractBaseUser]:
    """Yield the active users without 2FA and without an exemption that `rule` applies to.

    `rule` is a value of TOTP_REQUIRED: names of audiences, or a function, which is called for each
    user.
    """
    current = Exemption.objects.using(database()).filter(expires_epoch__gt=clock.now())
    named = rule if isinstance(rule, tuple) else ("all",)
    users = _members(*map(Audience.named, named)).filter(ninja_totp__confirmed_at=None)
    users = users.exclude(Exists(current.filter(user=OuterRef("pk"))))
    for user in users.order_by("pk").iterator(chunk_size=2000):
        if isinstance(rule, tuple) or rule(user):
            yield user


def _members(*audiences: Audience) -> Any:  # Any: a queryset of the user model
    """Return the active users of at least one of the audiences."""
    members = all_users()
    if has_field("is_active"):
        members = members.filter(is_active=True)
    return members.filter(reduce(or_, map(_membership, audiences)))


def _membership(audience: Audience) -> Q:
    if audience.group is not None:
        # A subquery: a join would count a member of two groups twice.
        return Q(pk__in=all_users().filter(groups__name=audience.group).values("pk"))
    flag = _KINDS[audience.kind]
    return Q(pk__isnull=False) if flag is None else Q(**{flag: True})
