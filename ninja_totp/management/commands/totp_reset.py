"""`manage.py totp_reset`: take a lost second factor off a user."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.core.errors import NotEnrolled
from ninja_totp.management.operating import NOT_SO, UserCommand, name_of, operator
from ninja_totp.services import reset_totp


class Command(UserCommand):
    help = "Take the second factor off a user who has lost it, so that they can enrol again."
    remarks = """
The password alone is enough from then on. Make sure that you speak with the owner of the account,
by another channel than the one you were called by, and tell them by mail.

It removes the secret, the backup codes, trusted devices, open logins and counted failures.
Sessions stay: a new password ends them. The reason goes into the log, and "reset" into the history
of the user.
"""
    examples = {
        'totp_reset ada --reason "phone lost, ticket 4711"': "the user who signs in as ada",
        'totp_reset --key 17 --reason "left" --no-input --json': "by primary key, in a script",
    }
    exit_codes = {0: "the user has no second factor any more", 3: "there was nothing to reset"}

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reason", required=True, help="why, for the log; no code, no password"
        )
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="do not ask whether you are sure",
        )

    def run(self, options: dict[str, Any]) -> None:
        user = self.user(options)
        if options["interactive"]:
            self._ask(name_of(user))
        try:
            reset_totp(user, actor=operator(), reason=options["reason"])
        except NotEnrolled:
            text = f"{name_of(user)} has no second factor: nothing to reset."
            raise CommandError(text, returncode=NOT_SO) from None
        self.show_user(options, user, "logs in by password alone now.", reset=True)

    def _ask(self, name: str) -> None:
        self.stderr.write(f"The password of {name} will be enough to log in.", ending=" ")
        self.stderr.write('Type "yes" to go on:', ending=" ")
        self.stderr.flush()
        try:
            answer = input()
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was changed. Without a terminal, add --no-input.")
