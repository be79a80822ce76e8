"""The one place where ninja_totp reads the time that decides; `*_at` columns take Django's.

Everything that must hold over years (steps, locks, budgets, lifetimes) is counted in whole
seconds since the epoch, so that neither USE_TZ nor a change to summer time can shorten a lock
or revive a code. The core never comes here: it is told the time.
"""

import time
from datetime import UTC, datetime

from django.utils import timezone


def now() -> int:
    """Return the present moment in whole seconds since the epoch."""
    return int(time.time())


def in_utc(moment: datetime) -> datetime:
    """Return `moment` with an offset. A naive one, as Django gives it without USE_TZ, is local."""
    aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    return aware.astimezone(UTC)
