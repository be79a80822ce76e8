"""`manage.py totp_report`: how many users have 2FA, and who does not."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.conf.types import Audiences, audiences
from ninja_totp.management.operating import NOT_SO, OperatorCommand, Progress, printable
from ninja_totp.models.users import login_name_of
from ninja_totp.services import Audience, AudienceReport, totp_report
from ninja_totp.services.operators.report import people
from ninja_totp.services.policy.report import would_be_shut_out


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
    exit_codes = {
        0: "reported",
        3: "with --fail-if-missing: a user in the selection has no 2FA",
    }

    def add_options(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group()
        for kind, text in (
            ("all", "all active users, in one number"),
            ("staff", "only staff"),
            ("superusers", "only superusers"),
        ):
            whom.add_argument(f"--{kind}", action="store_const", dest="kind", const=kind, help=text)
        whom.add_argument("--group", metavar="NAME", help="only the members of this group")
        whom.add_argument(
            "--if-required",
            metavar="RULE",
            help="list the active users that a rule would lock out until they set up 2FA; a value "
            'for TOTP_REQUIRED ("staff", "group:editors", "mysite.rules.needs_totp")',
        )
        names = parser.add_mutually_exclusive_group()
        names.add_argument("--missing", action="store_true", help="list users without 2FA")
        names.add_argument("--enrolled", action="store_true", help="list users with 2FA")
        parser.add_argument(
            "--fail-if-missing", action="store_true", help="exit with 3 if a user has none"
        )

    def run(self, options: dict[str, Any]) -> None:
        if options["if_required"] is not None:
            self._report_on_rule(options)
            return
        audience = self._audience(options)
        reports = totp_report(*([audience] if audience else []))
        if options["missing"] or options["enrolled"]:
            self._name(audience or Audience(), options)
        else:
            facts = [asdict(one) | {"not_enrolled": one.not_enrolled} for one in reports]
            self.show(options, {"audiences": facts}, *_table(reports))
        missing = max(one.not_enrolled for one in reports)
        if options["fail_if_missing"] and missing:
            text = f"{missing} without 2FA."
            raise CommandError(text, returncode=NOT_SO)

    def _report_on_rule(self, options: dict[str, Any]) -> None:
        rule = _rule(options["if_required"])
        for audience in map(Audience.named, rule if isinstance(rule, tuple) else ()):
            self._require_known(audience)
        progress, users = Progress(self.stderr, options["verbosity"]), []
        for user in would_be_shut_out(rule):
            users.append({"user": str(user.pk), "name": login_name_of(user)})
            progress.show(f"{len(users)} users")
        progress.end()
        lines = [f"{printable(one['user'])}\t{printable(one['name'])}" for one in users]
        facts = {"if_required": options["if_required"], "shut_out": users}
        self.show(options, facts, *lines)
        if options["fail_if_missing"] and users:
            raise CommandError(f"{len(users)} without 2FA.", returncode=NOT_SO)

    def _audience(self, options: dict[str, Any]) -> Audience | None:
        if options["group"] is not None:
            audience = Audience(group=options["group"])
        elif options["kind"] is not None:
            audience = Audience(options["kind"])
        else:
            return None
        self._require_known(audience)
        return audience

    @staticmethod
    def _require_known(audience: Audience) -> None:
        if not audience.exists:
            kind = "groups" if audience.group is not None else audience.kind
            raise CommandError(f"Your user model has no {kind}.")

    def _name(self, audience: Audience, options: dict[str, Any]) -> None:
        progress, users = Progress(self.stderr, options["verbosity"]), []
        for number, (key, name) in enumerate(people(audience, enrolled=options["enrolled"]), 1):
            if options["json"]:
                users.append({"user": str(key), "name": name})
                progress.show(f"{number} users")
            else:
                self.stdout.write(f"{printable(str(key))}\t{printable(name)}")
        progress.end()
        if options["json"]:
            facts = {"audience": str(audience), "enrolled": options["enrolled"], "users": users}
            self.show(options, facts)


def _rule(text: str) -> Audiences:
    try:
        return audiences(text)
    except ValueError as error:
        raise CommandError(f"--if-required {error}") from None


def _table(reports: list[AudienceReport]) -> list[str]:
    width = max(len(one.audience) for one in reports)
    heading = f"{'':<{width}} {'users':>10} {'enrolled':>10} {'missing':>10}"
    rows = (
        f"{one.audience:<{width}} {one.users:>10} {one.enrolled:>10} {one.not_enrolled:>10}"
        for one in reports
    )
    return [heading, *rows]
