"""A crash that nobody expects, and what its report shows."""

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Crash", "crash_here", "lines_with"]


class Crash(Exception):
    """Nothing that anybody handles."""


def crash_here(*_: Any, **__: Any) -> Any:
    """Raise, in the place of any function."""
    raise Crash


def lines_with(secrets: Iterable[str], text: str) -> list[str]:
    """Return the lines of `text` in which one of `secrets` stands, cut short.

    Digits inside a longer number are no code: a report is full of addresses of objects, and one
    in some thousands has the digits of a code in it.
    """
    spelled = "|".join(
        rf"(?<!\d){secret}(?!\d)" if secret.isdigit() else re.escape(secret) for secret in secrets
    )
    return [line[:300] for line in text.splitlines() if re.search(spelled, line)]
