"""How likely is it that somebody who knows the password guesses the second factor?

Upper bounds on plain values, as RFC 4226, 7.3 asks a site to work them out for itself. What a
site's settings amount to is `services/guessing.py`; a simulation through the services proves the
bounds (tests/guessing).
"""

import math
from dataclasses import dataclass

from ninja_totp.core.lockout import LockoutPolicy

# What RFC 4226, 5.3 leaves of the HMAC.
_TRUNCATED = 2**31


@dataclass(frozen=True, slots=True)
class GuessProbability:
    """Chances from 0 to 1 that one of all the guesses of an attacker is right, at the most.

    `guesses` is how many wrong codes are looked at; as many wrong backup codes are, since those
    have a budget of their own.
    """

    guesses: int
    codes: float
    backup_codes: float
    pairs: float

    @property
    def total(self) -> float:
        """The chance by all ways in together."""
        return min(1.0, self.codes + self.backup_codes + self.pairs)


def looked_at(policy: LockoutPolicy, horizon_seconds: int, *, owner_acts: bool = True) -> int:
    """Return how many wrong codes are looked at within `horizon_seconds`, at the most.

    When the owner never acts, nothing but the attacker's failures is counted, and the hard cap
    ends them. ValueError for a negative horizon.
    """
    if horizon_seconds < 0:
        raise ValueError("horizon_seconds must not be negative")
    # Each failure moves the moment at which the budget is full by one refill, and is looked at
    # only while that moment lies within the budget: the proof stands in tests/core/test_lockout.py.
    by_budget = policy.budget + horizon_seconds // policy.refill_seconds
    return by_budget if owner_acts else min(by_budget, policy.hard_cap)


def guess_probability(
    policy: LockoutPolicy,
    horizon_seconds: int,
    *,
    digits: int,
    window: int,
    backup_codes: int = 0,
    backup_code_bits: int = 120,
    pairs: float = 0,
    owner_acts: bool = True,
) -> GuessProbability:
    """Return the chances of an attacker who guesses whenever no lock holds.

    `window` is how many steps around the present one are looked up, on either side. `pairs` is how
    many pairs of consecutive codes can be tried in that time, `math.inf` where nothing limits them.
    Chances are added up and not multiplied out: guesses at one moment depend on each other, and
    only a sum holds whatever the attacker picks. ValueError when a number makes no sense.
    """
    for name, value, lowest in (
        ("digits", digits, 1),
        ("window", window, 0),
        ("backup_codes", backup_codes, 0),
        ("backup_code_bits", backup_code_bits, 1),
        ("pairs", pairs, 0),
    ):
        if value < lowest:
            raise ValueError(f"{name} must be at least {lowest}")
    guesses, lookups = looked_at(policy, horizon_seconds, owner_acts=owner_acts), 2 * window + 1
    likeliest = _likeliest_code(digits)
    return GuessProbability(
        guesses=guesses,
        codes=min(1.0, guesses * lookups * likeliest),
        backup_codes=min(1.0, math.ldexp(guesses * backup_codes, -backup_code_bits)),
        pairs=min(1.0, pairs * lookups * likeliest**2),
    )


def _likeliest_code(digits: int) -> float:
    # 2^31 is no multiple of a power of ten, so low codes come a little more often than others. An
    # attacker who knows that guesses among them.
    codes: int = 10**digits
    return -(-_TRUNCATED // codes) / _TRUNCATED
