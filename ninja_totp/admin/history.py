"""The latest events of a user, for the page of their account.

What an event is: `services/history.py`. The reason of an operator is in the admin's own log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ninja_totp.models import Account, Event
from ninja_totp.services import TotpEvent, totp_events

MOST_SHOWN = 20
_METHODS = {"otp": _("code"), "backup_code": _("backup code")}


@dataclass(frozen=True, slots=True)
class History:
    """The rows of a table, newest first. `has_more`: there are more than `MOST_SHOWN`."""

    rows: Sequence[dict[str, Any]]  # Any: texts, and a moment
    has_addresses: bool
    has_more: bool


def history_of(account: Account) -> History:
    """Return the latest events of the owner, in one query."""
    page = totp_events(account.user, limit=MOST_SHOWN)
    return History(
        rows=[_row(event) for event in page.events],
        has_addresses=any(event.address for event in page.events),
        has_more=page.next_before is not None,
    )


def _row(event: TotpEvent) -> dict[str, Any]:
    return {
        "at": event.created_at,
        "what": Event(type=event.type).get_type_display(),
        "name": event.name,
        "method": _METHODS.get(event.method, event.method),
        "door": event.door,
        "address": event.address or "",
    }
