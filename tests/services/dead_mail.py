"""A mail server that is down."""

from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

__all__ = ["DeadBackend"]


class DeadBackend(BaseEmailBackend):
    """Refuses every message."""

    def send_messages(self, email_messages: Any) -> int:
        """Raise what a server that is down raises."""
        raise ConnectionRefusedError("no mail server")
