"""The report of a run, as text for people and as JSON for programs.

Users are named by their primary key only.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ninja_totp.importers.found import in_number
from ninja_totp.importers.writer import Outcome, Result

_SENTENCES = {
    Result.IMPORTED: "imported",
    Result.UPDATED: "updated: used in the old package since the last run, and not yet here",
    Result.UNCHANGED: "already imported: nothing to change",
    Result.UNTOUCHED: "skipped: they made another choice here",
    Result.UNFINISHED: "skipped: they never finished setting up 2FA there",
    Result.REFUSED: "NOT imported: THEY HAVE NO 2FA HERE",
}
_OF_A_USER = {Result.UNTOUCHED: "skipped", Result.REFUSED: "not imported"}


@dataclass
class Report:
    """The results of all users, added up batch by batch."""

    source: str
    dry_run: bool
    counts: Counter[Result] = field(default_factory=Counter)
    backup_codes: int = 0
    remarkable: list[Outcome] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count `outcomes`, and keep those with notes."""
        for outcome in outcomes:
            self.counts[outcome.result] += 1
            self.backup_codes += outcome.backup_codes
            if outcome.notes:
                self.remarkable.append(outcome)

    @property
    def is_unchanged(self) -> bool:
        """Whether the run had nothing to write."""
        return not (self.counts[Result.IMPORTED] or self.counts[Result.UPDATED])

    def lines(self) -> Iterator[str]:
        """Yield one line for each user with notes, then the totals."""
        for outcome in self.remarkable:
            what = _OF_A_USER.get(outcome.result, "imported, but without")
            for note in outcome.notes:
                yield f"user {outcome.user_pk}: {what}: {note}"
        for result, sentence in _SENTENCES.items():
            if count := self.counts[result]:
                yield f"{in_number(count, 'user')} {sentence}"
        yield from self._needs()
        yield self._conclusion()

    def _needs(self) -> Iterator[str]:
        if count := len(self._without_codes):
            yield f"{in_number(count, 'user')} MUST CREATE NEW BACKUP CODES: the old ones are lost"

    @property
    def _without_codes(self) -> list[str]:
        return [str(one.user_pk) for one in self.remarkable if one.needs_codes]

    def _conclusion(self) -> str:
        if self.is_unchanged:
            return "Nothing changed."
        verb = "Would import" if self.dry_run else "Imported"
        return f"{verb} {in_number(self.backup_codes, 'unused backup code')}."

    def as_json(self) -> dict[str, Any]:
        """Return the report in plain types."""
        return {
            "source": self.source,
            "dry_run": self.dry_run,
            "changed": not self.is_unchanged,
            "users": {result.value: self.counts[result] for result in Result},
            "backup_codes": self.backup_codes,
            "need_backup_codes": self._without_codes,
            "notes": [
                {"user": str(one.user_pk), "result": one.result.value, "notes": list(one.notes)}
                for one in self.remarkable
            ],
        }
