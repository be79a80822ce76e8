"""`manage.py totp_exempt`: exempt a user from required 2FA for some time."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ninja_totp.management.operating import NotSo, UserCommand, name_of, operator
from ninja_totp.services import end_totp_exemption, exempt_from_totp


class Command(UserCommand):
    help = "Exempt a user from required 2FA (TOTP_REQUIRED) for some time."
    remarks = """
A new exemption replaces the old one. If the user has 2FA it stays on, and the user may turn it off
during the exemption. The reason is written to the log and the table.
"""
    examples = {
        'totp_exempt ada --until 2026-12-31 --reason "phone ordered, ticket 4711"': "until a day",
        'totp_exempt ada --end --reason "phone has come"': "end the exemption",
    }
    exit_codes = {0: "exempted, or the exemption ended", 3: "with --end: there was no exemption"}

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        text = "a day (its start, in the site's time zone), or a time in ISO 8601"
        what.add_argument("--until", metavar="WHEN", help=text)
        what.add_argument("--end", action="store_true", help="end the exemption now")
        text = "why, at most 200 characters; no code and no password"
        parser.add_argument("--reason", required=True, help=text)

    def run(self, options: dict[str, Any]) -> None:
        user, actor, reason = self.user(options), operator(), options["reason"]
        if not options["end"]:
            expires_at = _moment(options["until"])
            try:
                exempt_from_totp(user, actor=actor, reason=reason, expires_at=expires_at)
            except ValueError as error:
                raise CommandError(str(error)) from None
            until = expires_at.astimezone(UTC).isoformat()
            self.show_user(options, user, f"needs no 2FA until {until}.", exempted_until=until)
            return
        if not end_totp_exemption(user, actor=actor, reason=reason):
            raise NotSo(f"{name_of(user)} is not exempted.")
        self.show_user(options, user, "is no longer exempted.", exempted_until=None)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text) or parse_datetime(f"{text} 00:00")  # the start of a day
    except ValueError:  # well formed, but no such day
        moment = None
    if moment is None:
        raise CommandError("--until must be a day (2026-12-31) or a time in ISO 8601.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
