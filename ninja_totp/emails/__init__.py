"""Mails to users: their texts, and sending them outside the request.

`services/recovery/` and `services/history.py` decide who gets a mail, and when.
"""

from ninja_totp.emails.background import (
    at_once as at_once,
    context as context,
    in_background as in_background,
    in_context as in_context,
)
from ninja_totp.emails.messages import (
    disabled_message as disabled_message,
    fill_in as fill_in,
    notice_message as notice_message,
    recovery_message as recovery_message,
    recovery_values as recovery_values,
    site_values as site_values,
)
