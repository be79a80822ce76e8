"""`manage.py totp_prune`: remove what is over."""

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
        "Remove secrets that nobody confirmed, and challenges and trusted devices that are over; "
        "with --history-days also old lines of the history."
    )
    remarks = """
None of it could be used any more; this keeps the tables small. Run it once a day, at any time:
it works in short transactions beside the running site. Counted failures, the memory of used codes
and the users' factors stay as they are.

The history of the users' factors stays as well unless you say how long to keep it: an audit trail
must not get lost because a job was set up for something else.
"""
    examples = {
        "totp_prune": "what is over, and no history",
        "totp_prune --history-days 400": "the same, and what happened more than 400 days ago",
    }
    exit_codes = {0: "removed, or there was nothing to remove"}

    def add_options(self, parser: CommandParser) -> None:
        text = "remove what was over N days ago, 0 to 3650 (default 1); not the history"
        add_number(parser, "--days", 0, 3650, default=1, text=text)
        text = "also remove history that is older than N days, 1 to 36500 (default: keep all)"
        add_number(parser, "--history-days", 1, 36_500, default=None, text=text)
        text = "rows in one transaction, 1 to 10000 (default 1000)"
        add_number(parser, "--batch", 1, 10_000, default=1000, text=text)

    def run(self, options: dict[str, Any]) -> None:
        progress = Progress(self.stderr, options["verbosity"])
        pruned = prune_totp(
            older_than_seconds=options["days"] * _DAY,
            batch=options["batch"],
            told=lambda so_far: progress.tell(_sentence(so_far)),
        )
        events = self._prune_history(options, progress)
        progress.end()
        facts = {**asdict(pruned), "events": events}
        kept = "Kept the history." if events is None else f"Removed {events} lines of history."
        self.show(options, facts, _sentence(pruned), kept)

    def _prune_history(self, options: dict[str, Any], progress: Progress) -> int | None:
        days = options["history_days"]
        if days is None:
            return None
        return prune_events(
            before=timezone.now() - timedelta(days=days),
            batch_size=options["batch"],
            told=lambda so_far: progress.tell(f"Removed {so_far} lines of history."),
        )


def _sentence(pruned: Pruned) -> str:
    return (
        f"Removed {pruned.pending_secrets} pending secrets, {pruned.challenges} challenges, "
        f"{pruned.trusted_devices} trusted devices."
    )
