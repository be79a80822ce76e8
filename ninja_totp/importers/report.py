"""The tally of a run, as text for people and as JSON for programs.

Users are named by their primary key alone. What a line says was decided elsewhere.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ninja_totp.importers.found import in_number
from ninja_totp.importers.writer import Outcome, Result

_SENTENCES = {
    Result.IMPORTED: "carried over",
    Result.UPDATED: "brought up to date: used at the source since the last run, and not yet here",
    Result.UNCHANGED: "carried over by an earlier run: nothing to change",
    Result.UNTOUCHED: "left alone: they have decided otherwise here",
    Result.UNFINISHED: "never finished enrolling there: nothing to carry over",
    Result.REFUSED: "NOT carried over: WITHOUT A SECOND FACTOR HERE",
}
_OF_A_USER = {Result.UNTOUCHED: "left alone", Result.REFUSED: "not carried over"}


@dataclass
class Report:
    """What became of everybody, added up batch by batch."""

    source: str
    dry_run: bool
    counts: Counter[Result] = field(default_factory=Counter)
    backup_codes: int = 0
    remarkable: list[Outcome] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count `outcomes`; those that need a sentence are kept."""
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
        """Yield one line for each user about whom something must be said, then the tally."""
        for outcome in self.remarkable:
            what = _OF_A_USER.get(outcome.result, "carried over, but without")
            for note in outcome.notes:
                yield f"user {outcome.user_pk}: {what}: {note}"
        for result, sentence in _SENTENCES.items():
            if count := self.counts[result]:
                yield f"{in_number(count, 'user')} {sentence}"
        yield from self._needs()
        yield self._conclusion()

    def _needs(self) -> Iterator[str]:
        if count := len(self._without_codes):
            yield f"{in_number(count, 'user')} MUST MAKE NEW BACKUP CODES: old ones are lost"

    @property
    def _without_codes(self) -> list[str]:
        return [str(one.user_pk) for one in self.remarkable if one.needs_codes]

    def _conclusion(self) -> str:
        if self.is_unchanged:
            return "Nothing changed."
        verb = "Would have brought" if self.dry_run else "Brought"
        return f"{verb} {in_number(self.backup_codes, 'unused backup code')} along."

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
