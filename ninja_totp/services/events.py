"""The history of a user's second factor: written with what it tells of, read by its owner.

A line is written in the transaction of the change or of the counted failure, so that there is
none without the other. What is not charged to the account (a wrong pair while it is locked)
leaves no line: nobody can fill the table by guessing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp.async_variants import awaitable
from ninja_totp.client_address import client_address, ip_in
from ninja_totp.conf import get_settings
from ninja_totp.models import Event
from ninja_totp.services.notices import notify
from ninja_totp.services.swapping import database
from ninja_totp.statements import insert

__all__ = [
    "EventPage",
    "TotpEvent",
    "aprune_events",
    "atotp_events",
    "line_of",
    "prune_events",
    "record",
    "totp_events",
]


@dataclass(frozen=True, slots=True)
class TotpEvent:
    """One line: what happened, by which kind of proof, at which door, from where, and when.

    `method` and `door` are empty where there was none; `address` is None unless the site keeps
    addresses.
    """

    id: int
    type: str
    method: str
    door: str
    address: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some lines, the newest first. `next_before` asks for those that follow; None: none do."""

    events: list[TotpEvent]
    next_before: int | None


def record(
    user: AbstractBaseUser,
    *types: Event.Type,
    method: str = "",
    request: HttpRequest | None,
) -> None:
    """Write a line for each of `types`, in one statement, and have the user mailed about it.

    The caller holds the transaction of what they tell of. The door is what it has put on the
    request as `ninja_totp_door`.
    """
    if types:
        lines = [line_of(user, kind, method=method, request=request) for kind in types]
        insert(lines, database())
        notify(user, types, address=lines[0].address)


def line_of(
    user: AbstractBaseUser, kind: Event.Type, *, method: str = "", request: HttpRequest | None
) -> Event:
    """Return the line that `record` would write, for somebody who writes it together with more.

    It is theirs to `notify` the user when it is written.
    """
    door, address = getattr(request, "ninja_totp_door", ""), _address(request)
    return Event(user_id=user.pk, type=kind, method=method, door=door, address=address)


def _address(request: HttpRequest | None) -> str | None:
    if request is None or not get_settings().event_addresses:
        return None
    ip = ip_in(client_address(request) or "")
    return None if ip is None else str(ip)


def totp_events(user: AbstractBaseUser, *, before: int | None = None, limit: int = 20) -> EventPage:
    """Return at most `limit` of the user's own lines, the newest first, in one query.

    `before` is the `next_before` of an earlier page.
    """
    older: dict[str, Any] = {} if before is None else {"id__lt": before}
    rows = Event.objects.using(database()).filter(user_id=user.pk, **older).order_by("-id")
    # One more than asked for, to know whether there is another page.
    found = [TotpEvent(**row) for row in rows[: limit + 1].values(*TotpEvent.__slots__)]
    events = found[:limit]
    return EventPage(events, events[-1].id if len(found) > limit else None)


def prune_events(
    *, before: datetime, batch_size: int = 1000, told: Callable[[int], object] | None = None
) -> int:
    """Delete what happened before a moment, of all users, and return how many lines that were.

    In batches, each a transaction of its own, so that a large table can be pruned while the site
    runs; calls `told` with the number so far after each. `before` is aware or naive as USE_TZ has
    it.
    """
    events, pruned = Event.objects.using(database()), 0
    tell = told or (lambda pruned: None)
    while oldest := _oldest(before, batch_size):
        deleted, _ = events.filter(pk__in=oldest).delete()
        pruned += deleted
        tell(pruned)
    return pruned


def _oldest(before: datetime, number: int) -> list[int]:
    # By key and no further than to the first line that stays. Keys grow with time, so that this
    # reads what is about to go, and the date needs no index.
    events = Event.objects.using(database()).order_by("pk")
    rows = list(events.values_list("pk", "created_at")[:number])
    return [pk for pk, created_at in rows if created_at < before]


atotp_events = awaitable(totp_events)
aprune_events = awaitable(prune_events)
