"""The lockout policy on plain values: may an attempt go ahead, and what does a failure cost?

There are three locks: a burst of failures, a budget that refills slowly and that logins do not
reset, and a cap that does not end by itself. A code is compared with each authenticator, so the
cost of a failure is their number (`cost`), and more of them do not make guessing easier. The models
and services store the counters and count an attempt before its outcome is known. Seconds are epoch
seconds.
"""

from dataclasses import dataclass
from typing import Literal

_MOST_DOUBLINGS = 32

# How many pairs of codes may be tried per day while codes are locked (RFC 4226, 7.4). Guessing them
# for a year succeeds with a probability of 0.00001. A user types a few.
PAIRS_A_DAY = 10_000


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """The numbers of the policy. Raises ValueError if one is out of bounds.

    The `free_failures`-th failure in a row locks for `first_delay_seconds`. Each one after it
    doubles that, up to `longest_delay_seconds`. At most `budget` failures may be outstanding, and
    one is forgiven every `refill_seconds`. `hard_cap` failures in a row lock until an operator acts
    (NIST 800-63B-4, 3.2.2 allows at most 100). Budget and cap count a failure `cost` times.
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
    """The failures of an account.

    `budget_full_at` is the time when all failures are forgiven. One number is enough: each failure
    moves it by `refill_seconds` (the GCRA of ATM networks).
    """

    consecutive_failures: int = 0
    last_failure_at: int = 0
    budget_full_at: int = 0


@dataclass(frozen=True, slots=True)
class Lock:
    """Why codes are not checked, and until when. `until` None: it does not end by itself."""

    reason: Literal["burst", "budget", "cap"]
    until: int | None

    def retry_after(self, now: int) -> int | None:
        """Return how many seconds to wait, at least 1; None if waiting does not help."""
        return None if self.until is None else max(1, self.until - now)


def lock_of(counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1) -> Lock | None:
    """Return the longest lock at `now`, or None if a code may be checked."""
    if (counters.consecutive_failures + 1) * cost > policy.hard_cap:
        return Lock("cap", None)
    burst = _burst_ends_at(counters, policy)
    # The budget must have room for the cost of the next failure. A budget that is smaller than the
    # cost must be full.
    budget = counters.budget_full_at - max(0, policy.budget - cost) * policy.refill_seconds
    if max(burst, budget) <= now:
        return None
    return Lock("burst", burst) if burst > budget else Lock("budget", budget)


def after_failure(
    counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1
) -> Counters:
    """Return the counters after another failure at `now`."""
    # max(): setting the clock back must not shorten a lock.
    return Counters(
        consecutive_failures=counters.consecutive_failures + 1,
        last_failure_at=max(counters.last_failure_at, now),
        budget_full_at=max(counters.budget_full_at, now) + cost * policy.refill_seconds,
    )


def after_success(counters: Counters, policy: LockoutPolicy, *, now: int, refund: int) -> Counters:
    """Return the counters after a correct code at `now`, which ends the burst.

    `refund` is the cost of the failures of this login, which are forgiven. The others stay:
    otherwise each login of the owner would give an attacker a new budget.
    """
    # Between `now` and the old value: a refund cannot overfill the bucket.
    emptied = max(now, counters.budget_full_at - refund * policy.refill_seconds)
    return Counters(
        consecutive_failures=0,
        last_failure_at=counters.last_failure_at,
        budget_full_at=min(counters.budget_full_at, emptied),
    )


def remaining_failures(
    counters: Counters, policy: LockoutPolicy, *, now: int, cost: int = 1
) -> int:
    """Return how many more failures the budget allows at `now`, without the other locks."""
    outstanding = -(-max(0, counters.budget_full_at - now) // policy.refill_seconds)
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
