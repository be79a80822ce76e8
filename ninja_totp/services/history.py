"""The history of a user's second factor: events are written with the change, and read by the user.

An event is written in the transaction of the change or of the counted failure, so one never exists
without the other. A wrong pair of codes during a lock is not counted on the account and leaves one
event per lock, so nobody can fill the table by guessing. Mails are sent after the commit, outside
the request: the mail server affects neither the answer nor its time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from ninja_totp import emails
from ninja_totp.client_address import client_address, ip_in
from ninja_totp.conf import get_settings
from ninja_totp.models import Authenticator, BackupCode, Event
from ninja_totp.models.users import address_of, login_name_of, user_meant
from ninja_totp.signals import after_commit
from ninja_totp.transactions import database


@dataclass(frozen=True, slots=True)
class TotpEvent:
    """One event: what happened, with which kind of code, at which API, from where and when.

    `factor` and `name` are the type and name of the authenticator. These, `method` and `door` (the
    API) are empty if there is none. `address` is None unless the site stores addresses.
    """

    id: int
    type: str
    method: str
    factor: str
    name: str
    door: str
    address: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events, newest first. `next_before` is for the next page; None on the last."""

    events: list[TotpEvent]
    next_before: int | None


def record(
    user: AbstractBaseUser,
    *types: Event.Type,
    request: HttpRequest | None,
    api: str = "",
    about: Authenticator | None = None,
) -> None:
    """Write an event for each of `types` in one statement, and notify the user by mail.

    The caller holds the transaction of the change. `api` is the name of the API of the request,
    `about` the authenticator that changed.
    """
    lines = [line(user, kind, request=request, api=api, about=about) for kind in types]
    Event.objects.using(database()).bulk_create(lines)
    notify(user, lines)


def line(
    user: AbstractBaseUser,
    kind: Event.Type,
    *,
    request: HttpRequest | None,
    api: str = "",
    method: str = "",
    about: Authenticator | None = None,
) -> Event:
    """Return an unsaved event, for a caller that writes it together with other rows."""
    one = Event(user_id=user.pk, type=kind, method=method, door=api)
    if about is not None:
        one.factor, one.name = about.type, about.name
    if request is not None and get_settings().event_addresses:
        ip = ip_in(client_address(request) or "")
        one.address = None if ip is None else str(ip)
    return one


def notify(user: AbstractBaseUser, lines: Iterable[Event]) -> None:
    """Mail the user about the events in TOTP_NOTICES. `mail_notice` looks for the address."""
    settings = get_settings()
    for one in lines:
        if one.type in settings.notices:
            whose = {"user_pk": str(user.pk), "username": login_name_of(user)}
            what = {"event": str(one.type), "address": one.address, "name": one.name}
            arguments = {**whose, **what, **emails.context()}
            after_commit(partial(settings.recovery_dispatcher, mail_notice, **arguments))


@emails.in_context
def mail_notice(
    event: str, user_pk: str, username: str, address: str | None, name: str = ""
) -> None:
    """Mail the user about one event of the authenticator `name`. A dispatcher runs this.

    Does nothing if the user no longer exists or has no email address.
    """
    user = user_meant(user_pk, username)
    if user is None or not (to := address_of(user)):
        return
    left = None
    if event == Event.Type.BACKUP_CODE_USED:
        left = BackupCode.objects.using(database()).filter(user_id=user.pk, used_at=None).count()
    notice = emails.notice_message(
        event, user, to, address=address, codes_left=left, authenticator=name
    )
    notice.send()


def totp_events(user: AbstractBaseUser, *, before: int | None = None, limit: int = 20) -> EventPage:
    """Return at most `limit` of the user's events, newest first, in one query.

    `before` is the `next_before` of an earlier page.
    """
    rows = Event.objects.using(database()).filter(user_id=user.pk).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    # One more than needed, to know whether there is another page.
    found = [TotpEvent(**row) for row in rows[: limit + 1].values(*TotpEvent.__slots__)]
    events = found[:limit]
    return EventPage(events, events[-1].id if len(found) > limit else None)


def prune_events(
    *, before: datetime, batch_size: int = 1000, on_progress: Callable[[int], object] | None = None
) -> int:
    """Delete the events of all users before a time, and return how many there were.

    Runs in short transactions, so that a large table can be pruned while the site runs. Calls
    `on_progress` with the number so far after each. `before` is aware or naive, as USE_TZ says.
    """
    events, pruned = Event.objects.using(database()), 0
    report = on_progress or (lambda pruned: None)
    # Keys grow with time, so this reads the rows in the order in which they expire, and the date
    # needs no index.
    oldest = events.order_by("pk").values_list("pk", "created_at")
    while expired := [pk for pk, created_at in oldest[:batch_size] if created_at < before]:
        pruned += events.filter(pk__in=expired).delete()[0]
        report(pruned)
    return pruned
