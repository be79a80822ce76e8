"""`manage.py import_totp`: argument parsing, progress and exit codes around `importers`."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ninja_totp.core.errors import Unavailable
from ninja_totp.importers.peers import Source, SourceMissing, found_by
from ninja_totp.importers.report import Report
from ninja_totp.importers.sources import SOURCES
from ninja_totp.importers.writer import Result, write
from ninja_totp.management.operating import KeepsLines, add_number, epilog, interrupted

_NOT_EVERYBODY = 3
_EPILOGUE = epilog(
    """
Run it once more whenever you like: who is carried over already is left as they are, and a run
that was interrupted goes on where it stopped. Try it with --dry-run first; run it when the old
package answers no more, or run it again then. It only reads what the old package has stored.
""",
    {
        "import_totp django_otp --dry-run": "who would come along, and who would not, and why",
        "import_totp django_otp": "carry them over",
    },
    {
        0: "everybody who had a second factor there has it here",
        1: "the run could not be made, or broke off; what was finished is kept",
        2: "the command line was not understood",
        3: "the run was made, but the factor of some users could not be carried over. They are\n"
        "       listed, and until they enrol again they log in with their password alone",
        130: "it was interrupted; what is finished stays, and the next run goes on there",
    },
)


class Command(BaseCommand):
    help = "Carry users' authenticators and unused backup codes over from another package."
    requires_migrations_checks = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": _EPILOGUE, "formatter_class": KeepsLines}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source",
            choices=sorted(SOURCES),
            metavar="SOURCE",
            help=f"where the users come from: {', '.join(sorted(SOURCES))}",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, only report")
        text = "users in one transaction, 1 to 5000 (default 500)"
        add_number(parser, "--batch", 1, 5000, default=500, text=text)
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, report, and tell by the exit code whether everybody came along."""
        source = SOURCES[options["source"]]
        report = Report(source.name, options["dry_run"])
        try:
            for outcomes in self._batches(source, options):
                report.add(outcomes)
        except SourceMissing as error:
            raise CommandError(
                f"{error} Keep {source.title} installed until this is done."
            ) from None
        except Unavailable as error:
            raise CommandError("The database refused the same batch again and again.") from error
        except KeyboardInterrupt:
            raise interrupted() from None
        self._print(report, source, as_json=options["json"])
        if refused := report.counts[Result.REFUSED]:
            raise CommandError(f"{refused} could not be carried over.", returncode=_NOT_EVERYBODY)

    def _batches(self, source: Source, options: dict[str, Any]) -> Iterator[Sequence[Any]]:
        owners = source.owners()
        told_at = time.monotonic()
        for start in range(0, len(owners), options["batch"]):
            some = owners[start : start + options["batch"]]
            yield write(found_by(source, some), dry_run=options["dry_run"])
            if options["verbosity"] and time.monotonic() - told_at > 1:
                self.stderr.write(f"{start + len(some)} of {len(owners)}", self.style.NOTICE)
                told_at = time.monotonic()

    def _print(self, report: Report, source: Source, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
            return
        for line in report.lines():
            self.stdout.write(line)
        if source.remark and not report.is_unchanged:
            self.stdout.write(source.remark)
