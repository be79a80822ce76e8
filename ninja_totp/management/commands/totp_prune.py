"""`manage.py totp_prune`: delete what has expired."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ninja_totp.management.operating import OperatorCommand, Progress, add_number
from ninja_totp.services import Pruned, prune_events, prune_totp

_DAY = 86_400


class Command(OperatorCommand):
    help = (
        "Delete unconfirmed secrets, and expired challenges and trusted devices; with "
        "--history-days also old history."
    )
    remarks = """
None of it is of any use; this keeps the tables small. Run it once a day, at any time: it works in
short transactions while the site runs. Counted failures, used codes and authenticators stay.

The history stays too, unless you say how long to keep it: no job for something else may delete an
audit trail.
"""
    examples = {
        "totp_prune": "what has expired, without history",
        "totp_prune --history-days 400": "the same, and history older than 400 days",
    }
    exit_codes = {0: "deleted, or there was nothing to delete"}

    def add_options(self, parser: CommandParser) -> None:
        text = "delete what expired N days ago, 0 to 3650 (default 1); not the history"
        add_number(parser, "--days", 0, 3650, default=1, text=text)
        text = "also delete history older than N days, 1 to 36500 (default: keep all)"
        add_number(parser, "--history-days", 1, 36_500, default=None, text=text)
        text = "rows per transaction, 1 to 10000 (default 1000)"
        add_number(parser, "--batch", 1, 10_000, default=1000, text=text)

    def run(self, options: dict[str, Any]) -> None:
        progress = Progress(self.stderr, options["verbosity"])
        seconds, batch, days = options["days"] * _DAY, options["batch"], options["history_days"]

        def show(so_far: Pruned | int) -> None:
            progress.show(_sentence(so_far))

        pruned = prune_totp(older_than_seconds=seconds, batch=batch, on_progress=show)
        events = None
        if days is not None:
            before = timezone.now() - timedelta(days=days)
            events = prune_events(before=before, batch_size=batch, on_progress=show)
        progress.end()
        facts = {**asdict(pruned), "events": events}
        kept = "Kept the history." if events is None else _sentence(events)
        self.show(options, facts, _sentence(pruned), kept)


def _sentence(pruned: Pruned | int) -> str:
    if isinstance(pruned, int):
        return f"Deleted: history: {pruned}."
    return (
        f"Deleted: pending secrets: {pruned.pending_secrets}, challenges: {pruned.challenges}, "
        f"trusted devices: {pruned.trusted_devices}."
    )
