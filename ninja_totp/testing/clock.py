"""A clock for the second factor that a test controls.

Only ninja_totp uses it: token libraries, sessions and caches use the real time. If a test freezes
the time of the process (freezegun, time-machine), ninja_totp follows without this.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from ninja_totp import clock

_LONGEST_PERIOD = 120


class FrozenClock:
    """Seconds since the epoch, changed only by the test.

    Begins at `at`, or at a recent time that starts a step for any period.
    """

    def __init__(self, at: int | None = None) -> None:
        present = int(time.time())
        self.seconds = present - present % _LONGEST_PERIOD if at is None else at

    def now(self) -> int:
        return self.seconds

    def advance(self, seconds: int) -> None:
        """Let `seconds` pass. A negative number sets the clock back."""
        self.seconds += seconds


@contextmanager
def frozen_clock(at: int | None = None) -> Iterator[FrozenClock]:
    """Let ninja_totp use a `FrozenClock` inside the block."""
    frozen = FrozenClock(at)
    with mock.patch.object(clock, "now", frozen.now):
        yield frozen
