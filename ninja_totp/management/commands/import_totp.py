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

_NOT_ALL = 3
_EPILOGUE = epilog(
    """
You can run it again at any time: users that are already imported stay as they are, and an
interrupted run continues where it stopped. Try --dry-run first. Run it when the old package no
longer handles logins, or run it again then. It only reads the tables of the old package.
""",
    {
        "import_totp django_otp --dry-run": "who would be imported, who would not, and why",
        "import_totp django_otp": "import them",
    },
    {
        0: "all users who had 2FA there have it here",
        1: "it failed; finished work stays",
        2: "the command line is wrong",
        3: "2FA of some users could not be imported. They are listed. Until they set up 2FA again\n"
        "       they log in with their password alone",
        130: "it was interrupted; finished work stays, and the next run continues",
    },
)


class Command(BaseCommand):
    help = "Import authenticators and unused backup codes from another package."
    requires_migrations_checks = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": _EPILOGUE, "formatter_class": KeepsLines}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source",
            choices=sorted(SOURCES),
            metavar="SOURCE",
            help=f"the package to import from: {', '.join(sorted(SOURCES))}",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, only report")
        text = "users per transaction, 1 to 5000 (default 500)"
        add_number(parser, "--batch", 1, 5000, default=500, text=text)
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, report, and exit with 0 if every user was imported."""
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
            raise CommandError(
                "The database refused the same batch again and again. Try later."
            ) from error
        except KeyboardInterrupt:
            raise interrupted() from None
        self._print(report, source, as_json=options["json"])
        if refused := report.counts[Result.REFUSED]:
            raise CommandError(f"{refused} could not be imported.", returncode=_NOT_ALL)

    def _batches(self, source: Source, options: dict[str, Any]) -> Iterator[Sequence[Any]]:
        owners = source.owners()
        shown_at = time.monotonic()
        for start in range(0, len(owners), options["batch"]):
            some = owners[start : start + options["batch"]]
            yield write(found_by(source, some), dry_run=options["dry_run"])
            if options["verbosity"] and time.monotonic() - shown_at > 1:
                self.stderr.write(f"{start + len(some)} of {len(owners)}", self.style.NOTICE)
                shown_at = time.monotonic()

    def _print(self, report: Report, source: Source, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
            return
        for line in report.lines():
            self.stdout.write(line)
        if source.remark and not report.is_unchanged:
            self.stdout.write(source.remark)
