"""`manage.py totp_report`: how many users are enrolled, and who is not."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.management.operating import NOT_SO, OperatorCommand, Progress, printable
from ninja_totp.models.users import login_name_of
from ninja_totp.services import Audience, AudienceReport, totp_report
from ninja_totp.services.operators.report import people
from ninja_totp.services.policy.report import would_be_shut_out
from ninja_totp.setting_types import Audiences, audiences


class Command(OperatorCommand):
    help = "Count the active users who have a second factor in use, and name those who have not."
    remarks = """
Without a choice of users: superusers, staff and all, as far as your user model tells them apart.
With --missing, --enrolled or --if-required, one line for each user: the primary key, a tab, the
login name. --if-required leaves out who is exempted (totp_exempt); the time and the grace of the
settings do not matter to it.
"""
    examples = {
        "totp_report": "how far enrolment is, in a table",
        "totp_report --staff --missing": "who of the staff has to be reminded",
        "totp_report --superusers --fail-if-missing": "for a monitor: exit with 3 if one has none",
    }
    exit_codes = {
        0: "reported",
        3: "with --fail-if-missing: somebody whom you asked about has no second factor",
    }

    def add_options(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group()
        for kind, text in (
            ("all", "all active users, in one number"),
            ("staff", "only those who may enter the admin"),
            ("superusers", "only those who may do everything"),
        ):
            whom.add_argument(f"--{kind}", action="store_const", dest="kind", const=kind, help=text)
        whom.add_argument("--group", metavar="NAME", help="only the members of this group")
        whom.add_argument(
            "--if-required",
            metavar="RULE",
            help="name the active users whom a rule would shut out until they set a second factor "
            'up: a value for TOTP_REQUIRED ("staff", "group:editors", "mysite.rules.needs_totp")',
        )
        names = parser.add_mutually_exclusive_group()
        names.add_argument("--missing", action="store_true", help="name those who have none")
        names.add_argument("--enrolled", action="store_true", help="name those who have one")
        parser.add_argument(
            "--fail-if-missing", action="store_true", help="exit with 3 if somebody has none"
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
            text = f"{missing} without a second factor."
            raise CommandError(text, returncode=NOT_SO)

    def _report_on_rule(self, options: dict[str, Any]) -> None:
        rule = _rule(options["if_required"])
        for audience in map(Audience.named, rule if isinstance(rule, tuple) else ()):
            self._require_known(audience)
        progress, users = Progress(self.stderr, options["verbosity"]), []
        for user in would_be_shut_out(rule):
            users.append({"user": str(user.pk), "name": login_name_of(user)})
            progress.tell(f"{len(users)} users")
        progress.end()
        lines = [f"{printable(one['user'])}\t{printable(one['name'])}" for one in users]
        facts = {"if_required": options["if_required"], "shut_out": users}
        self.show(options, facts, *lines)
        if options["fail_if_missing"] and users:
            raise CommandError(f"{len(users)} without a second factor.", returncode=NOT_SO)

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
            raise CommandError(f"Your user model knows of no {kind}.")

    def _name(self, audience: Audience, options: dict[str, Any]) -> None:
        progress, users = Progress(self.stderr, options["verbosity"]), []
        for number, (key, name) in enumerate(people(audience, enrolled=options["enrolled"]), 1):
            if options["json"]:
                users.append({"user": str(key), "name": name})
                progress.tell(f"{number} users")
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
