"""The demo's mailbox: every mail that it sends is a file in its folder, and a page shows them.

A real project has a mail server. Here a visitor reads the mail with the recovery link, and the
notices about each change, without one.
"""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connections
from django.views.generic import TemplateView

from demo.local_state import data_directory

__all__ = ["FileBackend", "OutboxView", "send_soon"]

_MOST_SHOWN = 50


class FileBackend(BaseEmailBackend):
    """Keep each mail as a file that only the owner of the demo can read."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the files; the name of each sorts by time."""
        folder = data_directory() / "outbox"
        folder.mkdir(mode=0o700, exist_ok=True)
        for mail in email_messages:
            name = f"{time.time_ns()}-{secrets.token_hex(4)}.eml"
            (folder / name).write_bytes(mail.message().as_bytes())
        return len(email_messages)


def send_soon(job: Callable[..., object], /, **arguments: Any) -> None:
    """Run a mail job in a thread, at once: TOTP_RECOVERY_DISPATCHER of the demo.

    The package's own dispatcher waits for up to 30 seconds, so that the time of an answer does not
    tell whether an account exists. Nobody has to wait for that here.
    """
    threading.Thread(target=_run, args=(job, arguments)).start()


def _run(job: Callable[..., object], arguments: dict[str, Any]) -> None:
    try:
        job(**arguments)
    finally:
        connections.close_all()


class OutboxView(TemplateView):
    """Show the mails, the newest first."""

    template_name = "demo/outbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Read the newest files."""
        files = sorted((data_directory() / "outbox").glob("*.eml"), reverse=True)
        mails = [_shown(file.read_bytes()) for file in files[:_MOST_SHOWN]]
        return super().get_context_data(mails=mails, **kwargs)


def _shown(raw: bytes) -> dict[str, Any]:
    mail = message_from_bytes(raw, policy=policy.default)
    text = mail.get_body(("plain",))
    return {
        "subject": mail["Subject"],
        "to": mail["To"],
        "sent_at": mail["Date"].datetime,
        "text": "" if text is None else text.get_content(),
    }
