"""What the two packages answered, made comparable, and the table of it.

Values that differ from call to call (tokens, codes, drawings) are compared by their kind alone. A
response of ours may have more keys; they are listed, not compared.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Row", "lines", "seen"]

_KINDS = {
    "svg": re.compile(r"(<\?xml.*?\?>\s*)?<svg.*</svg>\s*", re.DOTALL),
    "token": re.compile(r"[\w-]+\.[\w-]+\.[\w-]+|[\w-]+(:[\w-]+)+"),
    "base32": re.compile("[A-Z2-7]{32}"),
}
_CODE = re.compile(r"[\w-]{16,}")
_WIDTH = 62


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    if isinstance(value, list) and value and all(_is(_CODE, one) for one in value):
        return f"<{len(value)} codes>"
    if isinstance(value, list):
        return [_masked(one) for one in value]
    kinds = [kind for kind, pattern in _KINDS.items() if _is(pattern, value)]
    return f"<{kinds[0]}>" if kinds else value


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def seen(outcome: Any) -> tuple[int | None, Any]:
    """Return the status, None for a helper, and the body with everything that varies masked."""
    if not hasattr(outcome, "status_code"):
        return None, _masked(outcome)
    is_json = outcome.headers.get("Content-Type", "").startswith("application/json")
    return outcome.status_code, _masked(outcome.json()) if is_json and outcome.content else None


@dataclass(frozen=True)
class Row:
    """One case, and what either package made of it."""

    endpoint: str
    case: str
    theirs: tuple[int | None, Any]
    ours: tuple[int | None, Any]

    @property
    def added(self) -> list[str]:
        """The keys that only our answer has."""
        theirs, ours = self.theirs[1], self.ours[1]
        both = isinstance(theirs, dict) and isinstance(ours, dict)
        return sorted(ours.keys() - theirs.keys()) if both else []

    @property
    def is_equal(self) -> bool:
        """Whether ours says all that theirs says, and nothing else under the same keys."""
        status, body = self.ours
        kept = {key: body[key] for key in body if key not in self.added} if self.added else body
        return (status, kept) == self.theirs

    def __str__(self) -> str:
        ours = "the same" if self.is_equal else _short(self.ours)
        added = f" + {', '.join(self.added)}" if self.added else ""
        sign = "=" if self.is_equal else "#"
        return (
            f"{sign} {self.endpoint:36} {self.case:46} {_short(self.theirs):{_WIDTH}} {ours}{added}"
        )


def _short(outcome: tuple[int | None, Any]) -> str:
    status, body = outcome
    parts = [] if status is None else [str(status)]
    if body is not None or status is None:
        parts.append(json.dumps(body, ensure_ascii=False, default=repr))
    text = " ".join(parts)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def lines(rows: list[Row]) -> list[str]:
    """Return the table, one line for each case, and its sum."""
    head = f"  {'endpoint':36} {'case':46} {'django-totp 1.1.7':{_WIDTH}} drf_compat (+ more keys)"
    equal = sum(row.is_equal for row in rows)
    return [head, *map(str, rows), f"{len(rows)} cases: {equal} equal, {len(rows) - equal} not"]
