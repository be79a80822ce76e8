"""How many of whom have a second factor, and who has none. Reads only.

Whom a site requires to have one is not decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from ninja_totp.services.accounts import all_users, has_field
from ninja_totp.twins import awaitable

__all__ = ["Audience", "AudienceReport", "atotp_report", "people", "totp_report"]

_KINDS = {"all": None, "staff": "is_staff", "superusers": "is_superuser"}


@dataclass(frozen=True, slots=True)
class Audience:
    """A set of active users: "all", "staff", "superusers", or the members of `group`."""

    kind: str = "all"
    group: str | None = None

    def __str__(self) -> str:
        return self.kind if self.group is None else f"group {self.group}"

    @property
    def exists(self) -> bool:
        """Whether the user model knows of such users at all."""
        field = "groups" if self.group is not None else _KINDS[self.kind]
        return field is None or has_field(field)


@dataclass(frozen=True, slots=True)
class AudienceReport:
    """How many active users an audience has, and how many of them have a factor in use."""

    audience: str
    users: int
    enrolled: int

    @property
    def not_enrolled(self) -> int:
        """How many have none."""
        return self.users - self.enrolled


def totp_report(*audiences: Audience) -> list[AudienceReport]:
    """Return the numbers of each audience, in one query each.

    Without `audiences`: superusers, staff and all, as far as the user model tells them apart.
    """
    usual = (Audience("superusers"), Audience("staff"), Audience())
    return [_count(one) for one in audiences or (one for one in usual if one.exists)]


def _count(audience: Audience) -> AudienceReport:
    numbers = _members(audience).aggregate(
        users=Count("pk"), enrolled=Count("pk", filter=Q(ninja_totp__confirmed_at__isnull=False))
    )
    return AudienceReport(str(audience), numbers["users"], numbers["enrolled"])


def people(audience: Audience, *, enrolled: bool) -> Iterator[tuple[Any, str]]:
    """Yield primary key and login name of the members who have (or have not) a factor in use."""
    members = _members(audience).filter(ninja_totp__confirmed_at__isnull=not enrolled)
    name = members.model.USERNAME_FIELD
    for key, named in members.order_by("pk").values_list("pk", name).iterator(chunk_size=2000):
        yield key, str(named)


def _members(audience: Audience) -> Any:  # Any: a queryset of the user model
    members = all_users()
    if has_field("is_active"):
        members = members.filter(is_active=True)
    if audience.group is not None:
        return members.filter(groups__name=audience.group)
    flag = _KINDS[audience.kind]
    return members if flag is None else members.filter(**{flag: True})


atotp_report = awaitable(totp_report)
