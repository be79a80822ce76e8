"""The only place where ninja_totp reads the time for decisions. `*_at` columns use Django's time.

Everything that must hold for years (steps, locks, budgets, lifetimes) is counted in whole seconds
since the epoch, so neither USE_TZ nor daylight saving time can shorten a lock or make a code valid
again. The core does not read the time: it gets it as an argument.
"""

import time
from datetime import UTC, datetime

from django.utils import timezone


def now() -> int:
    """Return the current time in whole seconds since the epoch."""
    return int(time.time())


def in_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC. A naive one, as Django returns it without USE_TZ, is local time."""
    aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    return aware.astimezone(UTC)
