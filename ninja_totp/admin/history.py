"""The latest events of a user, for the page of their account.

What an event is: `services/history.py`. The reason of an operator is in the admin's own log.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from ninja_totp.models import Account, Event
from ninja_totp.services import totp_events

MOST_SHOWN = 20
_METHODS = {"otp": _("code"), "backup_code": _("backup code")}


def history_of(account: Account) -> dict[str, Any]:
    """Return the rows of a table, newest first, in one query. `has_more`: than `MOST_SHOWN`."""
    page = totp_events(account.user, limit=MOST_SHOWN)
    rows = [
        {
            "at": event.created_at,
            "what": Event(type=event.type).get_type_display(),
            "name": event.name,
            "method": _METHODS.get(event.method, event.method),
            "door": event.door,
            "address": event.address or "",
        }
        for event in page.events
    ]
    has_addresses = any(row["address"] for row in rows)
    return {"rows": rows, "has_addresses": has_addresses, "has_more": page.next_before is not None}
