"""The probability that someone with the password guesses the second factor (brute force).

Upper bounds on plain values, as RFC 4226, 7.3 asks a site to calculate. For the settings of a site,
see `services/policy/guessing.py`. A simulation through the services checks the bounds
(tests/guessing).
"""

import math
from dataclasses import dataclass
from functools import partial

from ninja_totp.core.lockout import LockoutPolicy

# What RFC 4226, 5.3 leaves of the HMAC.
_TRUNCATED = 2**31


@dataclass(frozen=True, slots=True)
class GuessProbability:
    """Upper bounds of the probability that one of an attacker's guesses is correct.

    `guesses` is how many wrong codes are checked. Backup codes have their own budget, so as many of
    them are checked as codes of a single authenticator.
    """

    guesses: int
    codes: float
    backup_codes: float
    pairs: float

    @property
    def total(self) -> float:
        """The sum of all probabilities."""
        return min(1.0, self.codes + self.backup_codes + self.pairs)


def looked_at(
    policy: LockoutPolicy, horizon_seconds: int, *, authenticators: int = 1, owner_acts: bool = True
) -> int:
    """Return the maximum number of wrong codes that are checked within `horizon_seconds`.

    If the owner never acts, only the attacker's failures are counted, and the hard cap ends them.
    ValueError for a negative horizon.
    """
    if horizon_seconds < 0:
        raise ValueError("horizon_seconds must not be negative")
    # Each failure moves the time when the budget is full by one refill per authenticator. A code is
    # checked only while that time is within the budget. tests/core/test_lockout.py proves it.
    budget = max(policy.budget, authenticators)
    by_budget = (budget + horizon_seconds // policy.refill_seconds) // authenticators
    return by_budget if owner_acts else min(by_budget, policy.hard_cap // authenticators)


def guess_probability(
    policy: LockoutPolicy,
    horizon_seconds: int,
    *,
    digits: int,
    window: int,
    backup_codes: int = 0,
    backup_code_bits: int = 120,
    pairs: float = 0,
    authenticators: int = 1,
    owner_acts: bool = True,
) -> GuessProbability:
    """Return the chances of an attacker who guesses whenever no lock holds.

    `window` is how many steps around the present one are looked up, on either side, at each of the
    user's `authenticators`. A failure is charged once for each of them: so they are guessed at that
    much less often, and the chance is that of one. `pairs` is how many pairs of consecutive codes
    can be tried at one in that time, `math.inf` where nothing limits them.
    Chances are added up and not multiplied out: guesses at one moment depend on each other, and
    only a sum holds whatever the attacker picks. ValueError when a number makes no sense.
    """
    _require(0, window=window, backup_codes=backup_codes, pairs=pairs)
    _require(1, digits=digits, backup_code_bits=backup_code_bits, authenticators=authenticators)
    count = partial(looked_at, policy, horizon_seconds, owner_acts=owner_acts)
    guesses, lookups = count(authenticators=authenticators), 2 * window + 1
    # 2^31 is no multiple of a power of ten, so low codes come a little more often than others. An
    # attacker who knows that guesses among them.
    likeliest = -(-_TRUNCATED // 10**digits) / _TRUNCATED
    return GuessProbability(
        guesses=guesses,
        codes=min(1.0, guesses * authenticators * lookups * likeliest),
        backup_codes=min(1.0, math.ldexp(count() * backup_codes, -backup_code_bits)),
        pairs=min(1.0, pairs * lookups * likeliest**2),
    )


def _require(lowest: int, **numbers: float) -> None:
    for name, number in numbers.items():
        if number < lowest:
            raise ValueError(f"{name} must be at least {lowest}")
