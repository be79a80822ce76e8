"""Mail to users: what the messages say, and sending them outside of the request.

Who gets one, and when, is decided in `services/recovery/mail.py` and `services/notices.py`.
"""

from ninja_totp.emails.background import at_once, in_background
from ninja_totp.emails.messages import (
    disabled_message,
    recovery_message,
    recovery_values,
    site_values,
)
from ninja_totp.emails.notices import notice_message
from ninja_totp.emails.rendering import fill_in

__all__ = [
    "at_once",
    "disabled_message",
    "fill_in",
    "in_background",
    "notice_message",
    "recovery_message",
    "recovery_values",
    "site_values",
]
