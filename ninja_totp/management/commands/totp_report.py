"""`manage.py totp_report`: how many users have 2FA, and who does not."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.conf.types import Audiences, audiences
from ninja_totp.management.operating import NotSo, OperatorCommand, Progress, printable
from ninja_totp.models.users import login_name_of
from ninja_totp.services import Audience, AudienceReport, totp_report
from ninja_totp.services.policy.enforcement import people, would_be_shut_out


class Command(OperatorCommand):
    help = "Count the active users with 2FA, and list those without."
    remarks = """
By default: superusers, staff and all, as far as your user model distinguishes them. With --missing,
--enrolled or --if-required, one line for each user: primary key, tab, login name. --if-required
leaves out exempted users (totp_exempt) and ignores the dates and the grace period of the settings.
"""
    examples = {
        "totp_report": "a table of users with and without 2FA",
        "totp_report --staff --missing": "staff without 2FA",
        "totp_report --superusers --fail-if-missing": "for monitoring: exit with 3 if one has none",
    }
    exit_codes = {0: "reported", 3: "with --fail-if-missing: a user in the selection has no 2FA"}

    def add_options(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group()
        for kind, text in (
            ("all", "all active users, in one number"),
            ("staff", "only staff"),
            ("superusers", "only superusers"),
        ):
            whom.add_argument(f"--{kind}", action="store_const", dest="kind", const=kind, help=text)
        whom.add_argument("--group", metavar="NAME", help="only the members of this group")
        text = (
            "list the active users that a rule would lock out until they set up 2FA; a value "
            'for TOTP_REQUIRED ("staff", "group:editors", "mysite.rules.needs_totp")'
        )
        whom.add_argument("--if-required", metavar="RULE", help=text)
        names = parser.add_mutually_exclusive_group()
        names.add_argument("--missing", action="store_true", help="list users without 2FA")
        names.add_argument("--enrolled", action="store_true", help="list users with 2FA")
        text = "exit with 3 if a user has none"
        parser.add_argument("--fail-if-missing", action="store_true", help=text)

    def run(self, options: dict[str, Any]) -> None:
        if options["if_required"] is not None:
            rule = _rule(options["if_required"])
            users = ((user.pk, login_name_of(user)) for user in would_be_shut_out(rule))
            missing = self._list("shut_out", users, options, if_required=options["if_required"])
        else:
            missing = self._report(options)
        if options["fail_if_missing"] and missing:
            raise NotSo(f"{missing} without 2FA.")

    def _report(self, options: dict[str, Any]) -> int:
        kind, group, enrolled = options["kind"], options["group"], options["enrolled"]
        audience = Audience(kind or "all") if group is None else Audience(group=group)
        _require_known(audience)
        is_chosen = kind is not None or group is not None
        reports = totp_report(*([audience] if is_chosen else []))
        if options["missing"] or enrolled:
            users = people(audience, enrolled=enrolled)
            self._list("users", users, options, audience=str(audience), enrolled=enrolled)
        else:
            facts = [asdict(one) | {"not_enrolled": one.not_enrolled} for one in reports]
            self.show(options, {"audiences": facts}, *_table(reports))
        return max(one.not_enrolled for one in reports)

    def _list(
        self, title: str, users: Iterable[tuple[Any, str]], options: dict[str, Any], **facts: Any
    ) -> int:
        """Print one line for each user, or all as JSON, and return their number."""
        progress, listed, number = Progress(self.stderr, options["verbosity"]), [], 0
        for number, (key, name) in enumerate(users, start=1):
            if options["json"]:
                listed.append({"user": str(key), "name": name})
                progress.show(f"{number} users")
            else:
                self.stdout.write(f"{printable(str(key))}\t{printable(name)}")
        progress.end()
        self.show(options, {**facts, title: listed})
        return number


def _rule(text: str) -> Audiences:
    try:
        rule = audiences(text)
    except ValueError as error:
        raise CommandError(f"--if-required {error}") from None
    for audience in map(Audience.named, rule if isinstance(rule, tuple) else ()):
        _require_known(audience)
    return rule


def _require_known(audience: Audience) -> None:
    if not audience.exists:
        kind = "groups" if audience.group is not None else audience.kind
        raise CommandError(f"Your user model has no {kind}.")


def _table(reports: list[AudienceReport]) -> list[str]:
    width = max(len(one.audience) for one in reports)
    heading = f"{'':<{width}} {'users':>10} {'enrolled':>10} {'missing':>10}"
    rows = (
        f"{one.audience:<{width}} {one.users:>10} {one.enrolled:>10} {one.not_enrolled:>10}"
        for one in reports
    )
    return [heading, *rows]
