"""A clock that stands still until a test moves it.

Only `ninja_totp.clock` is replaced: JWT libraries, sessions and caches keep the real time.
"""

import pytest

from ninja_totp import clock

__all__ = ["START", "StoppedClock"]

START = 1_800_000_000 + 10  # 2027-01-15 08:00:10 UTC, ten seconds into a step


class StoppedClock:
    """Seconds since the epoch, as `ninja_totp.clock.now` returns them."""

    def __init__(self) -> None:
        self.seconds = START

    def now(self) -> int:
        """Return the present moment."""
        return self.seconds

    def advance(self, seconds: int) -> None:
        """Let `seconds` pass; negative ones set the clock back."""
        self.seconds += seconds

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "StoppedClock":
        """Put this clock into the package's place for one."""
        monkeypatch.setattr(clock, "now", self.now)
        return self
