"""The one place where ninja_totp reads the time.

Everything that must hold over years (steps, locks, budgets, lifetimes) is counted in whole
seconds since the epoch, so that neither USE_TZ nor a change to summer time can shorten a lock
or revive a code. The core never comes here: it is told the time.
"""

import time


def now() -> int:
    """Return the present moment in whole seconds since the epoch."""
    return int(time.time())
