"""The lock-out policy on plain values: may an attempt go ahead, and what does a failure cost?

Three locks: a burst of failures, a budget that refills slowly whoever logs in, and a cap that no
time lifts. A code is looked up at every authenticator, so that a failure costs the budget and the
cap as much as there are (`cost`), and the chance of guessing does not grow with their number.
Keeping the counters, and charging an attempt before its outcome can leave, is the business of the
models and services. Seconds are epoch seconds.
"""

from dataclasses import dataclass
from typing import Literal

_MOST_DOUBLINGS = 32

# How many pairs of codes may be tried in a day while codes are locked (RFC 4226, 7.4). A year of
# guessing them succeeds with a chance of 0.00001, and an owner types a few.
PAIRS_A_DAY = 10_000


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """The numbers of the policy. ValueError when one is out of bounds.

    The `free_failures`-th failure in a row locks for `first_delay_seconds`; each one after it
    doubles that, up to `longest_delay_seconds`. At most `budget` failures may be outstanding, and
    one is forgiven each `refill_seconds`. `hard_cap` failures in a row lock until somebody acts
    (NIST 800-63B-4, 3.2.2 allows 100 at most). Budget and cap count a failure `cost` times.
    """

    free_failures: int = 5
    first_delay_seconds: int = 30
    longest_delay_seconds: int = 3600
    budget: int = 20
    refill_seconds: int = 86_400
    hard_cap: int = 100

    def __post_init__(self) -> None:
        for name in ("free_failures", "first_delay_seconds", "budget", "refill_seconds"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.longest_delay_seconds < self.first_delay_seconds:
            raise ValueError("longest_delay_seconds must not be below first_delay_seconds")
        if not 1 <= self.hard_cap <= 100:
            raise ValueError("hard_cap must be from 1 to 100")


@dataclass(frozen=True, slots=True)
class Counters:
    """What is remembered of an account's failures.

    `budget_full_at` is the instant at which every failure is forgiven. One number holds the whole
    bucket: each failure moves it `refill_seconds` further away (the GCRA of ATM networks).
    """

    consecutive_failures: int = 0
    last_failure_at: int = 0
    budget_full_at: int = 0


@dataclass(frozen=True, slots=True)
class Lock:
    """Why no code is looked at, and until when. `until` None: no time ends it."""

    reason: Literal["burst", "budget", "cap"]
    until: int | None

    def retry_after(self, now: int) -> int | None:
        """Return how many seconds to wait, at least 1; None when waiting does not help."""
        return None if self.until is None else max(1, self.until - now)


def lock_of(counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1) -> Lock | None:
    """Return the lock that holds longest at `now`, or None when a code may be looked at."""
    if (counters.consecutive_failures + 1) * cost > policy.hard_cap:
        return Lock("cap", None)
    burst, budget = _burst_ends_at(counters, policy), _budget_allows_at(counters, policy, cost)
    if max(burst, budget) <= now:
        return None
    return Lock("burst", burst) if burst > budget else Lock("budget", budget)


def after_failure(
    counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1
) -> Counters:
    """Return the counters when one more code has turned out wrong at `now`."""
    # max(): a clock that is set back must not bring the end of a lock nearer.
    return Counters(
        consecutive_failures=counters.consecutive_failures + 1,
        last_failure_at=max(counters.last_failure_at, now),
        budget_full_at=max(counters.budget_full_at, now) + cost * policy.refill_seconds,
    )


def after_success(counters: Counters, policy: LockoutPolicy, *, now: int, refund: int) -> Counters:
    """Return the counters after a right code at `now`: the burst is over.

    `refund` is what the failures of this very login have cost, which the right code explains. The
    others stay: were they forgotten too, an attacker could guess on the budget that the owner's
    daily login restores.
    """
    # Never below `now`, and never above what it was: a refund cannot overfill the bucket.
    emptied = max(now, counters.budget_full_at - refund * policy.refill_seconds)
    return Counters(
        consecutive_failures=0,
        last_failure_at=counters.last_failure_at,
        budget_full_at=min(counters.budget_full_at, emptied),
    )


def remaining_failures(
    counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1
) -> int:
    """Return how many more failures the budget allows at `now`, apart from the other locks."""
    outstanding_seconds = max(0, counters.budget_full_at - now)
    outstanding = -(-outstanding_seconds // policy.refill_seconds)
    return max(0, max(policy.budget, cost) - outstanding) // cost


def attempts_left(counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1) -> int:
    """Return how many wrong codes in a row, from `now` on, end in a lock; 0 while there is one."""
    if _burst_ends_at(counters, policy) > now:
        return 0
    burst = max(1, policy.free_failures - counters.consecutive_failures)
    cap = policy.hard_cap // cost - counters.consecutive_failures
    budget = remaining_failures(counters, policy, now=now, cost=cost)
    return max(0, min(burst, cap, budget))


def _burst_ends_at(counters: Counters, policy: LockoutPolicy) -> int:
    beyond = counters.consecutive_failures - policy.free_failures
    if beyond < 0:
        return 0
    delay = policy.first_delay_seconds << min(beyond, _MOST_DOUBLINGS)
    return counters.last_failure_at + min(delay, policy.longest_delay_seconds)


def _budget_allows_at(counters: Counters, policy: LockoutPolicy, cost: int) -> int:
    # What the next failure costs must have flowed back before it fits. A budget that is smaller
    # than that has to be whole.
    return counters.budget_full_at - max(0, policy.budget - cost) * policy.refill_seconds
