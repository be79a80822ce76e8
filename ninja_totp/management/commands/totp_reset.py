"""`manage.py totp_reset`: reset 2FA for a user with a lost phone."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.core.errors import NotEnrolled
from ninja_totp.management.operating import NotSo, UserCommand, name_of, operator
from ninja_totp.services import reset_totp


class Command(UserCommand):
    help = "Reset 2FA for a user with a lost phone, who can then set it up again."
    remarks = """
The password alone is then enough to log in. First make sure that you are talking to the owner of
the account: contact them yourself, on another channel. Then notify them by email.

It deletes the secret, backup codes, trusted devices, open logins and counted failures. Sessions
stay: a new password ends them. The reason is written to the log, and "reset" to the history of the
user.
"""
    examples = {
        'totp_reset ada --reason "phone lost, ticket 4711"': "the user with the login name ada",
        'totp_reset --key 17 --reason "left" --no-input --json': "by primary key, in a script",
    }
    exit_codes = {0: "the user no longer has 2FA", 3: "there was nothing to reset"}

    def add_options(self, parser: CommandParser) -> None:
        text = "why, for the log; no code and no password"
        parser.add_argument("--reason", required=True, help=text)
        flags, text = ("--noinput", "--no-input"), "do not ask for confirmation"
        parser.add_argument(*flags, action="store_false", dest="interactive", help=text)

    def run(self, options: dict[str, Any]) -> None:
        user = self.user(options)
        if options["interactive"]:
            self._ask(name_of(user))
        try:
            reset_totp(user, actor=operator(), reason=options["reason"])
        except NotEnrolled:
            raise NotSo(f"{name_of(user)} has no 2FA: nothing to reset.") from None
        self.show_user(options, user, "now logs in with the password alone.", reset=True)

    def _ask(self, name: str) -> None:
        question = f'{name} will log in with the password alone. Type "yes" to continue:'
        self.stderr.write(question, ending=" ")
        self.stderr.flush()
        try:
            answer = input()
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was changed. In a script, add --no-input.")
