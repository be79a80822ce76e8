"""`manage.py totp_unlock`: forget a user's failed codes."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.core.errors import NotEnrolled
from ninja_totp.management.operating import NOT_SO, UserCommand, operator, printable
from ninja_totp.services import unlock_totp


class Command(UserCommand):
    """Unlock one factor."""

    help = "Let a user who is locked out try codes again. The second factor stays on."
    remarks = """
Most users need no unlocking: two consecutive codes at login end a lock at once, and short locks
end by themselves. Somebody may be guessing: look at totp_status and at the log first.

It forgets the failures of codes and of backup codes. The reason goes into the log, and "unlocked"
into the history of the user.
"""
    examples = {
        'totp_unlock ada --reason "mistyped, called back"': "the user who signs in as ada",
        'totp_unlock ada --reason "clock of web2" --forgive-clock': "after a clock was wrong",
    }
    exit_codes = {0: "codes are looked at again", 3: "the user has never set a second factor up"}

    def add_options(self, parser: CommandParser) -> None:
        """--reason and --forgive-clock."""
        parser.add_argument(
            "--reason", required=True, help="why, for the log; no code, no password"
        )
        parser.add_argument(
            "--forgive-clock",
            action="store_true",
            help="also take codes again that a server with a wrong clock has used ahead of time; "
            "only when totp_status speaks of the clock, and after the clock was set right",
        )

    def run(self, options: dict[str, Any]) -> None:
        """Unlock."""
        user = self.user(options)
        forgive = options["forgive_clock"]
        try:
            unlock_totp(user, actor=operator(), reason=options["reason"], forgive_clock=forgive)
        except NotEnrolled:
            text = f"{printable(user.get_username())} has never set a second factor up."
            raise CommandError(text, returncode=NOT_SO) from None
        facts = {"user": str(user.pk), "name": user.get_username(), "unlocked": True}
        self.show(options, facts, f"{printable(user.get_username())} may try codes again.")
