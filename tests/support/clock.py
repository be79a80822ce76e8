"""A clock that stands still until a test moves it, at a moment that every test knows.

Only `ninja_totp.clock` is replaced: JWT libraries, sessions and caches keep the real time.
"""

from datetime import UTC, datetime

import pytest

from ninja_totp import clock
from ninja_totp.testing import FrozenClock

__all__ = ["START", "StoppedClock"]

START = 1_800_000_000 + 10  # 2027-01-15 08:00:10 UTC, ten seconds into a step


class StoppedClock(FrozenClock):
    """The clock of projects' tests, at `START`."""

    def __init__(self) -> None:
        super().__init__(START)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "StoppedClock":
        """Put this clock into the package's place for one."""
        monkeypatch.setattr(clock, "now", self.now)
        return self

    def moment(self, seconds: int) -> datetime:
        """Return the moment that is `seconds` from now."""
        return datetime.fromtimestamp(self.now() + seconds, UTC)
