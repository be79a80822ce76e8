"""`manage.py totp_unlock`: forget a user's failed codes."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.core.errors import NotEnrolled
from ninja_totp.management.operating import NOT_SO, UserCommand, name_of, operator
from ninja_totp.services import unlock_totp


class Command(UserCommand):
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
        user = self.user(options)
        forgive = options["forgive_clock"]
        try:
            unlock_totp(user, actor=operator(), reason=options["reason"], forgive_clock=forgive)
        except NotEnrolled:
            text = f"{name_of(user)} has never set a second factor up."
            raise CommandError(text, returncode=NOT_SO) from None
        self.show_user(options, user, "may try codes again.", unlocked=True)
