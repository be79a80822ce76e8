"""`manage.py import_totp`: argument parsing, progress and exit codes around `importers`."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.importers.peers import Source, SourceMissing, found_by
from ninja_totp.importers.report import Report
from ninja_totp.importers.sources import SOURCES
from ninja_totp.importers.writer import Result, write
from ninja_totp.management.operating import NotSo, OperatorCommand, add_number


class Command(OperatorCommand):
    help = "Import authenticators and unused backup codes from another package."
    remarks = """
You can run it again at any time: users that are already imported stay as they are, and an
interrupted run continues where it stopped. Try --dry-run first. Run it when the old package no
longer handles logins, or run it again then. It only reads the tables of the old package.
"""
    examples = {
        "import_totp django_otp --dry-run": "who would be imported, who would not, and why",
        "import_totp django_otp": "import them",
    }
    exit_codes = {
        0: "all users who had 2FA there have it here",
        1: "it failed; finished work stays",
        3: "2FA of some users could not be imported. They are listed. Until they set up 2FA again\n"
        "       they log in with their password alone",
        130: "it was interrupted; finished work stays, and the next run continues",
    }
    takes_database = False
    requires_system_checks = "__all__"
    requires_migrations_checks = True

    def add_options(self, parser: CommandParser) -> None:
        names = sorted(SOURCES)
        text = f"the package to import from: {', '.join(names)}"
        parser.add_argument("source", choices=names, metavar="SOURCE", help=text)
        parser.add_argument("--dry-run", action="store_true", help="write nothing, only report")
        text = "users per transaction, 1 to 5000 (default 500)"
        add_number(parser, "--batch", 1, 5000, default=500, text=text)

    def run(self, options: dict[str, Any]) -> None:
        """Run, report, and exit with 0 if every user was imported."""
        source = SOURCES[options["source"]]
        report = Report(source.name, options["dry_run"])
        try:
            for outcomes in self._batches(source, options):
                report.add(outcomes)
        except SourceMissing as error:
            text = f"{error} Keep {source.title} installed until this is done."
            raise CommandError(text) from None
        remark = [source.remark] if source.remark and not report.is_unchanged else []
        self.show(options, report.as_json(), *report.lines(), *remark)
        if refused := report.counts[Result.REFUSED]:
            raise NotSo(f"{refused} could not be imported.")

    def _batches(self, source: Source, options: dict[str, Any]) -> Iterator[Sequence[Any]]:
        owners = source.owners()
        shown_at = time.monotonic()
        for start in range(0, len(owners), options["batch"]):
            some = owners[start : start + options["batch"]]
            yield write(found_by(source, some), dry_run=options["dry_run"])
            if options["verbosity"] and time.monotonic() - shown_at > 1:
                self.stderr.write(f"{start + len(some)} of {len(owners)}", self.style.NOTICE)
                shown_at = time.monotonic()
