"""A clock for the second factor that stands still until a test moves it.

Only ninja_totp looks at it: token libraries, sessions and caches keep the real time. Where a test
stops the time of the whole process (freezegun, time-machine), ninja_totp follows without this.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from ninja_totp import clock

_LONGEST_PERIOD = 120


class FrozenClock:
    """Seconds since the epoch, that change when a test says so.

    Begins at `at`, or at a moment of the last two minutes that begins a step, whatever the period.
    """

    def __init__(self, at: int | None = None) -> None:
        present = int(time.time())
        self.seconds = present - present % _LONGEST_PERIOD if at is None else at

    def now(self) -> int:
        return self.seconds

    def advance(self, seconds: int) -> None:
        """Let `seconds` pass; negative ones set the clock back."""
        self.seconds += seconds


@contextmanager
def frozen_clock(at: int | None = None) -> Iterator[FrozenClock]:
    """Have ninja_totp look at a `FrozenClock` for as long as the block lasts."""
    frozen = FrozenClock(at)
    with mock.patch.object(clock, "now", frozen.now):
        yield frozen
