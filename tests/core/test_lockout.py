"""The lock-out policy: the numbers that are promised, and bounds that hold for any sequence.

How the bound on guesses is derived (F failures evaluated, R refunded, between t and t + T): a
failure is evaluated only while `budget_full_at` is at most `now + (budget - 1) * refill`, and moves
it on by `refill`, so afterwards it is never beyond `t + T + budget * refill`. It starts from t or
later, each failure adds at least `refill` and each refund takes at most `refill` away. Hence
t + (F - R) * refill <= t + T + budget * refill, which is F <= budget + T / refill + R.

With several authenticators a failure costs as many (c): it is evaluated only while `budget_full_at`
is at most `now + (budget - c) * refill`, and moves it on by `c * refill`. The same holds for what
failures cost, whatever number each of them is charged by; where c is above the budget, the larger
of both is what can be outstanding.
"""

import pytest
from hypothesis import given, strategies as st

from ninja_totp.core.lockout import (
    Counters,
    Lock,
    LockoutPolicy,
    after_failure,
    after_success,
    attempts_left,
    lock_of,
    remaining_failures,
)

POLICY = LockoutPolicy()
NOW = 1_700_000_000
DAY = 86_400
YEAR = 365 * DAY

policies = st.builds(
    LockoutPolicy,
    free_failures=st.integers(1, 10),
    first_delay_seconds=st.integers(1, 600),
    longest_delay_seconds=st.integers(600, DAY),
    budget=st.integers(1, 100),
    refill_seconds=st.integers(1, 3 * DAY),
    hard_cap=st.integers(1, 100),
)
instants = st.integers(0, 2**33)
counters_of_any_age = st.builds(
    Counters,
    consecutive_failures=st.integers(0, 10**6),
    last_failure_at=instants,
    budget_full_at=instants,
)
# Either some time passes and the attacker guesses, or the owner logs in after mistakes of his own.
guesses = st.tuples(st.just("guess"), st.integers(0, 2 * DAY))
logins = st.tuples(st.just("login"), st.integers(0, 4))
histories = st.lists(guesses | logins, max_size=300)
# And the number of authenticators changes.
changes = st.tuples(st.just("authenticators"), st.integers(1, 5))
changing_histories = st.lists(guesses | logins | changes, max_size=300)
costs = st.integers(1, 5)


def failed(times, *, counters=None, policy=POLICY, now=NOW, cost=1):
    """The counters after `times` failures at one instant, locked or not."""
    state = counters or Counters()
    for _ in range(times):
        state = after_failure(state, policy, now=now, cost=cost)
    return state


def fail_where_allowed(counters, policy, *, now, times=1, cost=1):
    """Fail up to `times` times, as far as no lock holds: (counters, failures evaluated)."""
    evaluated = 0
    while evaluated < times and lock_of(counters, policy, now=now, cost=cost) is None:
        counters = after_failure(counters, policy, now=now, cost=cost)
        evaluated += 1
    return counters, evaluated


def log_in(counters, policy, *, now, mistakes, cost=1):
    """The owner, kept out by no lock (two consecutive codes), makes mistakes and gets in."""
    counters, evaluated = fail_where_allowed(counters, policy, now=now, times=mistakes, cost=cost)
    return after_success(counters, policy, now=now, refund=evaluated * cost), evaluated


def play(history, policy):
    """Yield (now, counters before, counters after, what failures cost, refunded)."""
    now, counters, cost = NOW, Counters(), 1
    for kind, amount in history:
        before = counters
        if kind == "guess":
            now += amount
            counters, evaluated = fail_where_allowed(counters, policy, now=now, cost=cost)
            yield now, before, counters, evaluated * cost, 0
        elif kind == "authenticators":
            cost = amount
        else:
            counters, evaluated = log_in(counters, policy, now=now, mistakes=amount, cost=cost)
            yield now, before, counters, evaluated * cost, evaluated * cost


def test_a_fresh_account_is_not_locked():
    assert lock_of(Counters(), POLICY, now=NOW) is None
    assert remaining_failures(Counters(), POLICY, now=NOW) == 20


@pytest.mark.parametrize("failures", range(5))
def test_up_to_four_failures_lock_nothing(failures):
    assert lock_of(failed(failures), POLICY, now=NOW) is None


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 960), (11, 1920), (12, 3600), (19, 3600)],
)
def test_from_the_fifth_failure_on_the_delay_doubles_up_to_an_hour(failures, seconds):
    assert lock_of(failed(failures), POLICY, now=NOW) == Lock("burst", NOW + seconds)


def test_a_burst_ends_on_the_second():
    counters = failed(5)

    assert lock_of(counters, POLICY, now=NOW + 29) == Lock("burst", NOW + 30)
    assert lock_of(counters, POLICY, now=NOW + 30) is None


def test_of_many_guesses_at_once_five_are_looked_at():
    _, evaluated = fail_where_allowed(Counters(), POLICY, now=NOW, times=1000)

    assert evaluated == 5


def test_a_success_ends_the_burst():
    counters = after_success(failed(6), POLICY, now=NOW, refund=0)

    assert lock_of(counters, POLICY, now=NOW) is None
    assert lock_of(failed(4, counters=counters), POLICY, now=NOW) is None
    assert lock_of(failed(5, counters=counters), POLICY, now=NOW) is not None


def test_twenty_outstanding_failures_lock_until_one_day_has_flowed_back():
    counters = failed(20)

    assert lock_of(counters, POLICY, now=NOW) == Lock("budget", NOW + DAY)
    assert lock_of(counters, POLICY, now=NOW + DAY - 1) == Lock("budget", NOW + DAY)
    assert lock_of(counters, POLICY, now=NOW + DAY) is None


@pytest.mark.parametrize(
    ("seconds", "remaining"), [(0, 0), (DAY - 1, 0), (DAY, 1), (2 * DAY, 2), (20 * DAY, 20)]
)
def test_one_failure_a_day_is_forgiven(seconds, remaining):
    assert remaining_failures(failed(20), POLICY, now=NOW + seconds) == remaining


def test_the_budget_outlives_a_success():
    counters = after_success(failed(20), POLICY, now=NOW, refund=0)

    assert lock_of(counters, POLICY, now=NOW) == Lock("budget", NOW + DAY)


def test_a_success_gives_back_the_failures_of_its_own_login():
    counters = after_success(failed(20), POLICY, now=NOW, refund=3)

    assert remaining_failures(counters, POLICY, now=NOW) == 3


def test_failures_that_were_forgiven_already_are_not_given_back_again():
    later = NOW + 30 * DAY
    counters = after_success(failed(3), POLICY, now=later, refund=3)

    assert counters.budget_full_at == failed(3).budget_full_at
    assert remaining_failures(counters, POLICY, now=later) == 20


def test_the_longest_lock_is_the_one_that_is_told():
    policy = LockoutPolicy(budget=5, refill_seconds=10)

    assert lock_of(failed(5, policy=policy), policy, now=NOW) == Lock("burst", NOW + 30)
    assert lock_of(failed(30), POLICY, now=NOW) == Lock("budget", NOW + 11 * DAY)


def test_a_hundred_failures_in_a_row_are_ended_by_no_time():
    counters = failed(100)

    assert lock_of(failed(99), POLICY, now=NOW + YEAR) is None
    assert lock_of(counters, POLICY, now=NOW + 100 * YEAR) == Lock("cap", None)
    assert Lock("cap", None).retry_after(NOW) is None


@pytest.mark.parametrize(("cost", "failures"), [(1, 20), (2, 10), (3, 6), (5, 4)])
def test_so_many_failures_fit_the_budget_with_so_many_authenticators(cost, failures):
    last, beyond = failed(failures - 1, cost=cost), failed(failures, cost=cost)

    assert lock_of(last, POLICY, now=NOW + 3600, cost=cost) is None
    assert lock_of(beyond, POLICY, now=NOW + 3600, cost=cost).reason == "budget"


@pytest.mark.parametrize("cost", [1, 2, 3, 5])
def test_the_burst_counts_attempts(cost):
    roomy = LockoutPolicy(budget=100)

    four, five = (failed(times, policy=roomy, cost=cost) for times in (4, 5))

    assert lock_of(four, roomy, now=NOW, cost=cost) is None
    assert lock_of(five, roomy, now=NOW, cost=cost) == Lock("burst", NOW + 30)


@pytest.mark.parametrize(("cost", "failures"), [(1, 100), (2, 50), (3, 33), (5, 20)])
def test_the_cap_counts_what_failures_cost(cost, failures):
    later = NOW + 1000 * DAY

    assert lock_of(failed(failures - 1, cost=cost), POLICY, now=later, cost=cost) is None
    assert lock_of(failed(failures, cost=cost), POLICY, now=later, cost=cost) == Lock("cap", None)


def test_a_budget_smaller_than_a_failure_costs_has_to_be_whole():
    policy = LockoutPolicy(budget=2)
    counters = failed(1, policy=policy, cost=5)

    assert lock_of(Counters(), policy, now=NOW, cost=5) is None
    assert lock_of(counters, policy, now=NOW, cost=5) == Lock("budget", NOW + 5 * DAY)


def test_a_success_on_another_way_in_ends_the_cap():
    counters = after_success(failed(100), POLICY, now=NOW + YEAR, refund=0)

    assert lock_of(counters, POLICY, now=NOW + YEAR) is None


@pytest.mark.parametrize(("now", "seconds"), [(NOW, 30), (NOW + 29, 1), (NOW + 30, 1)])
def test_waiting_takes_at_least_a_second(now, seconds):
    assert Lock("burst", NOW + 30).retry_after(now) == seconds


@pytest.mark.parametrize(
    "wrong",
    [
        {"free_failures": 0},
        {"first_delay_seconds": 0},
        {"longest_delay_seconds": 29},
        {"budget": 0},
        {"refill_seconds": 0},
        {"hard_cap": 0},
        {"hard_cap": 101},
    ],
)
def test_a_policy_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LockoutPolicy(**wrong)


@given(history=changing_histories, policy=policies, start=st.integers(0, 299))
def test_no_number_of_authenticators_lets_guesses_be_likelier(history, policy, start):
    events = list(play(history, policy))[start:]
    cost = sum(event[3] for event in events)
    refunded = sum(event[4] for event in events)
    elapsed = events[-1][0] - events[0][0] if events else 0

    # A guess is compared with as many authenticators as it costs.
    assert cost <= max(policy.budget, 5) + elapsed // policy.refill_seconds + refunded


@given(history=histories, policy=policies, start=st.integers(0, 299))
def test_no_history_lets_more_guesses_through_than_the_bound(history, policy, start):
    events = list(play(history, policy))[start:]
    evaluated = sum(event[3] for event in events)
    refunded = sum(event[4] for event in events)
    elapsed = events[-1][0] - events[0][0] if events else 0

    assert evaluated <= policy.budget + elapsed // policy.refill_seconds + refunded


@given(history=histories, policy=policies)
def test_the_owner_logging_in_does_not_give_the_attacker_a_guess(history, policy):
    for now, before, after, _, _ in play([*history, ("login", 4)], policy):
        assert remaining_failures(after, policy, now=now) <= remaining_failures(
            before, policy, now=now
        )


@given(counters=counters_of_any_age, policy=policies, now=instants, refund=st.integers(0, 200))
def test_a_success_enlarges_the_budget_by_its_refund_at_most(counters, policy, now, refund):
    before = remaining_failures(counters, policy, now=now)

    after = remaining_failures(
        after_success(counters, policy, now=now, refund=refund), policy, now=now
    )

    assert before <= after <= min(policy.budget, before + refund)


@given(counters=counters_of_any_age, policy=policies, now=instants, cost=costs)
def test_a_failure_costs_one_of_the_failures_that_remain(counters, policy, now, cost):
    before = remaining_failures(counters, policy, now=now, cost=cost)

    failed_once = after_failure(counters, policy, now=now, cost=cost)

    after = remaining_failures(failed_once, policy, now=now, cost=cost)
    assert after == max(0, before - 1)


@given(counters=counters_of_any_age, policy=policies, now=instants, cost=costs)
def test_the_budget_is_used_up_exactly_when_it_locks(counters, policy, now, cost):
    rested = after_success(counters, policy, now=now, refund=0)

    locked = lock_of(rested, policy, now=now, cost=cost) is not None

    is_used_up = remaining_failures(rested, policy, now=now, cost=cost) == 0
    assert locked == (is_used_up or cost > policy.hard_cap)


@given(counters=counters_of_any_age, policy=policies, now=instants, cost=costs)
def test_as_many_failures_as_are_left_end_in_a_lock_and_no_fewer(counters, policy, now, cost):
    left, made = attempts_left(counters, policy, now=now, cost=cost), 0
    while lock_of(counters, policy, now=now, cost=cost) is None:
        counters = after_failure(counters, policy, now=now, cost=cost)
        made += 1

    assert made == left


@given(counters=counters_of_any_age, policy=policies, now=instants)
def test_a_lock_ends_at_the_second_it_names(counters, policy, now):
    lock = lock_of(counters, policy, now=now) or Lock("burst", now)
    end = now if lock.until is None else lock.until

    assert end >= now
    assert lock_of(counters, policy, now=end - 1) == lock or end == now
    assert (lock_of(counters, policy, now=end) is None) == (lock.until is not None)


@given(counters=counters_of_any_age, policy=policies, now=instants, back=st.integers(0, YEAR))
def test_a_clock_that_is_set_back_opens_no_lock(counters, policy, now, back):
    is_locked = lock_of(counters, policy, now=now) is not None

    is_locked_before = lock_of(counters, policy, now=now - back) is not None

    assert is_locked_before or not is_locked


@given(counters=counters_of_any_age, policy=policies, now=instants, back=st.integers(0, YEAR))
def test_a_failure_under_a_clock_that_is_set_back_shortens_no_lock(counters, policy, now, back):
    earlier = after_failure(counters, policy, now=now - back)

    assert earlier.last_failure_at >= counters.last_failure_at
    assert earlier.budget_full_at >= counters.budget_full_at + policy.refill_seconds
    assert remaining_failures(earlier, policy, now=now) <= remaining_failures(
        counters, policy, now=now
    )


def test_a_greedy_attacker_gets_385_guesses_in_a_year_while_the_owner_logs_in_all_the_time():
    counters, guesses_made = Counters(), 0
    for seconds in range(0, YEAR + 1, 600):
        now = NOW + seconds
        counters, evaluated = fail_where_allowed(counters, POLICY, now=now, times=1000)
        counters = after_success(counters, POLICY, now=now, refund=0)
        guesses_made += evaluated

    assert guesses_made == 20 + 365
    # At a window of one step three codes of a million are right: below the promised 0.17 % a year.
    assert 1 - (1 - 3e-6) ** guesses_made < 0.0017


def test_of_two_locks_that_end_together_the_budget_is_told():
    policy = LockoutPolicy(budget=5, refill_seconds=30)

    assert lock_of(failed(5, policy=policy), policy, now=NOW) == Lock("budget", NOW + 30)


def test_a_success_does_not_forget_when_the_last_failure_was():
    assert after_success(failed(3), POLICY, now=NOW + DAY, refund=0).last_failure_at == NOW


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"longest_delay_seconds": 29},
            "longest_delay_seconds must not be below first_delay_seconds",
        ),
        ({"hard_cap": 101}, "hard_cap must be from 1 to 100"),
        ({"budget": 0}, "budget must be at least 1"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_in_full(wrong, sentence):
    with pytest.raises(ValueError, match="must") as refused:
        LockoutPolicy(**wrong)

    assert str(refused.value) == sentence
