"""How many users have 2FA, which have none, and whom a rule would lock out. Reads only.

Which users must have it is decided in `policy/enforcement.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Exists, OuterRef, Q

from ninja_totp import clock
from ninja_totp.models import Exemption
from ninja_totp.models.users import all_users, has_field
from ninja_totp.transactions import database

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
