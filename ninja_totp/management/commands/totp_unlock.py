"""`manage.py totp_unlock`: clear a user's failed codes."""

from typing import Any

from django.core.management.base import CommandParser

from ninja_totp.core.errors import NotEnrolled
from ninja_totp.management.operating import NotSo, UserCommand, name_of, operator
from ninja_totp.services import unlock_totp


class Command(UserCommand):
    help = "Unlock a user, who can then try codes again. 2FA stays on."
    remarks = """
Most users need no help: two consecutive codes at login end a lock at once, and short locks end by
themselves. Someone may be guessing codes: check totp_status and the log first.

It clears the failures of codes and backup codes. The reason is written to the log, and "unlocked"
to the history of the user.
"""
    examples = {
        'totp_unlock ada --reason "mistyped, called back"': "the user with the login name ada",
        'totp_unlock ada --reason "clock of web2" --forgive-clock': "after a clock was wrong",
    }
    exit_codes = {0: "codes are accepted again", 3: "the user has never set up 2FA"}

    def add_options(self, parser: CommandParser) -> None:
        text = "why, for the log; no code and no password"
        parser.add_argument("--reason", required=True, help=text)
        parser.add_argument(
            "--forgive-clock",
            action="store_true",
            help="also accept codes again that a server with a wrong clock has used up; only if "
            "totp_status mentions the clock, and after the clock was corrected",
        )

    def run(self, options: dict[str, Any]) -> None:
        user = self.user(options)
        forgive = options["forgive_clock"]
        try:
            unlock_totp(user, actor=operator(), reason=options["reason"], forgive_clock=forgive)
        except NotEnrolled:
            raise NotSo(f"{name_of(user)} has never set up 2FA.") from None
        self.show_user(options, user, "can try codes again.", unlocked=True)
