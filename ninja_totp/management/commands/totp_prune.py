"""`manage.py totp_prune`: remove what is over."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from ninja_totp.management.operating import OperatorCommand, Progress, whole_number
from ninja_totp.services import Pruned, prune_totp

__all__ = ["Command"]

_DAY = 86_400


class Command(OperatorCommand):
    """Remove what is over."""

    help = "Remove secrets that nobody confirmed, and challenges and trusted devices that are over."
    remarks = """
None of it could be used any more; this keeps the tables small. Run it once a day, at any time:
it works in short transactions beside the running site. Counted failures, the memory of used codes
and the users' factors stay as they are.
"""
    exit_codes = {0: "removed, or there was nothing to remove"}

    def add_options(self, parser: CommandParser) -> None:
        """How old, and in how large steps."""
        parser.add_argument(
            "--days",
            type=whole_number(0, 3650),
            default=1,
            metavar="N",
            help="remove what was over N days ago, 0 to 3650 (default 1)",
        )
        parser.add_argument(
            "--batch",
            type=whole_number(1, 10_000),
            default=1000,
            metavar="N",
            help="rows in one transaction, 1 to 10000 (default 1000)",
        )

    def run(self, options: dict[str, Any]) -> None:
        """Remove."""
        progress = Progress(self.stderr, options["verbosity"])
        pruned = prune_totp(
            older_than_seconds=options["days"] * _DAY,
            batch=options["batch"],
            told=lambda so_far: progress.tell(_sentence(so_far)),
        )
        progress.end()
        self.show(options, asdict(pruned), _sentence(pruned))


def _sentence(pruned: Pruned) -> str:
    return (
        f"Removed {pruned.pending_secrets} pending secrets, {pruned.challenges} challenges, "
        f"{pruned.trusted_devices} trusted devices."
    )
