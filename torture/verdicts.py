"""What an attack came to, what it should have come to, and the table of both. Plain values.

Nothing here sends, waits or looks into a database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["AS_IT_SHOULD_BE", "Answer", "Finding", "Range", "Row", "Tally", "judged", "table"]

AS_IT_SHOULD_BE = "as it should be"
_MOST_COMPLAINTS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request. `status` is 0 when nothing did."""

    status: int
    body: bytes = field(default=b"", repr=False)
    code: str = ""
    """The `code` of the error envelope, if the body is one."""
    worker: str = ""
    """Which process answered."""
    seconds: float = 0.0

    @property
    def use_proof(self) -> bool:
        """Whether the caller got what it asked for."""
        return 200 <= self.status < 300

    @property
    def is_lost(self) -> bool:
        """Whether no answer came."""
        return self.status == 0

    @property
    def is_server_error(self) -> bool:
        """Whether the server, and not the caller, is to blame."""
        return self.status >= 500


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests were sent, and how they ended."""

    attempts: int = 0
    accepted: int = 0
    lost: int = 0
    server_errors: int = 0

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Tally":
        """Count `answers`."""
        seen = list(answers)
        return cls(
            attempts=len(seen),
            accepted=sum(answer.use_proof for answer in seen),
            lost=sum(answer.is_lost for answer in seen),
            server_errors=sum(answer.is_server_error for answer in seen),
        )

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.attempts + other.attempts,
            self.accepted + other.accepted,
            self.lost + other.lost,
            self.server_errors + other.server_errors,
        )


@dataclass(frozen=True, slots=True)
class Range:
    """How many may be accepted; both ends are allowed."""

    least: int
    most: int

    def __contains__(self, number: int) -> bool:
        return self.least <= number <= self.most

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one attack came to at one door; without complaints, what it should."""

    tally: Tally
    complaints: tuple[str, ...] = ()


def judged(
    answers: Iterable[Answer],
    *,
    accepted: int | Range | None = None,
    may_lose: bool = False,
    may_fail: bool = False,
    claims: Mapping[str, bool] | None = None,
) -> Finding:
    """Hold `answers` against what they should be.

    `accepted` None accepts any number. `may_lose` allows requests without an answer; `may_fail`
    allows server errors that are a 503 in the envelope of the package, and no others. `claims`
    maps sentences about the database to whether they hold.
    """
    seen = list(answers)
    tally = Tally.of(seen)
    wanted = Range(accepted, accepted) if isinstance(accepted, int) else accepted
    complaints = [sentence for sentence, holds in (claims or {}).items() if not holds]
    if wanted is not None and tally.accepted not in wanted:
        complaints.append(f"{tally.accepted} accepted, not {wanted}")
    if tally.lost and not may_lose:
        complaints.append(f"{tally.lost} without an answer")
    complaints += _complaints_of_errors(seen, may_fail=may_fail)
    return Finding(tally, tuple(complaints))


def _complaints_of_errors(answers: Sequence[Answer], *, may_fail: bool) -> list[str]:
    errors = [answer for answer in answers if answer.is_server_error]
    clear = [answer for answer in errors if (answer.status, answer.code) == (503, "unavailable")]
    wrong = [answer for answer in errors if answer not in clear] if may_fail else errors
    if not wrong:
        return []
    kinds = sorted({f"{answer.status} {answer.code or 'without envelope'}" for answer in wrong})
    return [f"{len(wrong)} server errors: {', '.join(kinds)}"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an attack at one backend, both doors together."""

    backend: str
    attack: str
    tally: Tally
    complaints: tuple[str, ...] = ()

    @classmethod
    def of(cls, backend: str, attack: str, findings: Mapping[str, Finding]) -> "Row":
        """Sum up `findings`, by door."""
        tally = sum((finding.tally for finding in findings.values()), start=Tally())
        complaints = tuple(
            f"{door}: {complaint}" if door else complaint
            for door, finding in findings.items()
            for complaint in finding.complaints
        )
        return cls(backend, attack, tally, complaints)

    @property
    def verdict(self) -> str:
        """As it should be, or what is wrong."""
        if not self.complaints:
            return AS_IT_SHOULD_BE
        more = len(self.complaints) - _MOST_COMPLAINTS
        return "; ".join(self.complaints[:_MOST_COMPLAINTS]) + (f"; {more} more" * (more > 0))


_HEAD = ("backend", "attack", "attempts", "accepted", "lost", "5xx", "result")
_NUMBERS = range(2, 6)


def table(rows: Sequence[Row], *, markdown: bool = False) -> str:
    """Return `rows` as a table: in columns for a terminal, or as Markdown."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    if markdown:
        rule = tuple("---:" if column in _NUMBERS else "---" for column in range(len(_HEAD)))
        return "\n".join(f"| {' | '.join(line)} |" for line in [cells[0], rule, *cells[1:]])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_padded(line, widths) for line in cells)


def _cells(row: Row) -> tuple[str, ...]:
    tally = row.tally
    numbers = (tally.attempts, tally.accepted, tally.lost, tally.server_errors)
    return (row.backend, row.attack, *map(str, numbers), row.verdict)


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    columns = enumerate(zip(line, widths, strict=True))
    cells = (
        cell.rjust(width) if n in _NUMBERS else cell.ljust(width) for n, (cell, width) in columns
    )
    return "  ".join(cells).rstrip()
