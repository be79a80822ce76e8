"""The bound on guessing, worked out by hand. That it holds is shown in tests/guessing."""

import math

import pytest
from hypothesis import given, strategies as st

from ninja_totp.core.guessing import GuessProbability, guess_probability, looked_at
from ninja_totp.core.lockout import LockoutPolicy

POLICY = LockoutPolicy()
DAY = 86_400
YEAR = 365 * DAY

policies = st.builds(
    LockoutPolicy,
    budget=st.integers(1, 100),
    refill_seconds=st.integers(3600, 30 * DAY),
    hard_cap=st.integers(1, 100),
)
horizons = st.integers(0, 100 * YEAR)


def chances(**changed):
    """The chances in a year at the usual settings, with some of them changed."""
    usual = {"digits": 6, "window": 1, "backup_codes": 10}
    return guess_probability(POLICY, YEAR, **(usual | changed))


@pytest.mark.parametrize(
    ("horizon", "guesses"), [(0, 20), (DAY - 1, 20), (DAY, 21), (YEAR, 385), (10 * YEAR, 3670)]
)
def test_a_day_brings_one_guess_beyond_the_budget(horizon, guesses):
    assert looked_at(POLICY, horizon) == guesses


@pytest.mark.parametrize(
    ("authenticators", "guesses", "in_a_row"),
    [(1, 385, 100), (2, 192, 50), (3, 128, 33), (4, 96, 25), (5, 77, 20)],
)
def test_of_several_authenticators_each_is_guessed_at_that_much_less(
    authenticators, guesses, in_a_row
):
    several, one = chances(authenticators=authenticators), chances()
    away = looked_at(POLICY, 10 * YEAR, authenticators=authenticators, owner_acts=False)

    assert (several.guesses, away) == (guesses, in_a_row)
    assert several.codes == pytest.approx(guesses * authenticators * one.codes / 385, rel=1e-12)
    assert several.total <= one.total
    assert several.backup_codes == one.backup_codes


@given(policy=policies, horizon=horizons, authenticators=st.integers(1, 5))
def test_no_number_of_authenticators_makes_guessing_likelier(policy, horizon, authenticators):
    most = max(policy.budget, authenticators)
    several = guess_probability(policy, horizon, digits=6, window=1, authenticators=authenticators)
    one = guess_probability(
        LockoutPolicy(budget=most, refill_seconds=policy.refill_seconds),
        horizon,
        digits=6,
        window=1,
    )

    assert several.total <= one.total


@pytest.mark.parametrize(("horizon", "guesses"), [(DAY, 21), (80 * DAY, 100), (YEAR, 100)])
def test_the_cap_ends_guessing_when_the_owner_never_acts(horizon, guesses):
    assert looked_at(POLICY, horizon, owner_acts=False) == guesses
    assert guess_probability(POLICY, horizon, digits=6, window=1, owner_acts=False) == (
        guess_probability(LockoutPolicy(budget=guesses), 0, digits=6, window=1)
    )


def test_the_usual_settings_allow_one_in_a_thousand_in_a_year():
    found = chances()

    assert found.guesses == 385
    # The likeliest of the codes comes 2148 times in 2^31, a little more often than one in 10^6.
    assert found.codes == pytest.approx(385 * 3 * 2148 / 2**31, rel=1e-12)
    assert f"{found.codes:.4%}" == "0.1155%"
    assert found.backup_codes == pytest.approx(385 * 10 / 2**120, rel=1e-12)
    assert found.pairs == 0
    assert found.total == found.codes + found.backup_codes


@pytest.mark.parametrize(("window", "lookups"), [(0, 1), (1, 3), (2, 5)])
def test_each_step_that_is_looked_up_can_be_hit(window, lookups):
    assert chances(window=window).codes == pytest.approx(385 * lookups * 2148 / 2**31)


def test_eight_digits_are_a_hundred_times_as_many_but_not_as_even():
    assert chances(digits=8).codes == pytest.approx(385 * 3 * 22 / 2**31, rel=1e-12)


def test_pairs_are_guessed_on_top_of_codes():
    found = chances(pairs=10**9)

    assert found.pairs == pytest.approx(10**9 * 3 * (2148 / 2**31) ** 2, rel=1e-12)
    assert found.total == found.codes + found.backup_codes + found.pairs


def test_pairs_that_nothing_limits_are_guessed_in_the_end():
    found = chances(pairs=math.inf)

    assert (found.pairs, found.total) == (1.0, 1.0)


def test_no_chance_is_above_certainty():
    found = guess_probability(
        POLICY, YEAR, digits=1, window=2, backup_codes=1, backup_code_bits=1, pairs=1000
    )

    assert found == GuessProbability(385, 1.0, 1.0, 1.0)
    assert found.total == 1.0


def test_a_site_that_says_nothing_of_backup_codes_and_pairs_is_asked_for_codes_alone():
    found = guess_probability(POLICY, YEAR, digits=6, window=1)

    assert (found.backup_codes, found.pairs) == (0.0, 0.0)


def test_backup_codes_have_120_bits():
    assert chances(backup_code_bits=120) == chances()


@pytest.mark.parametrize(
    "wrong",
    [
        {"digits": 0},
        {"window": -1},
        {"backup_codes": -1},
        {"backup_code_bits": 0},
        {"pairs": -1},
        {"authenticators": 0},
    ],
)
def test_numbers_without_sense_are_refused(wrong):
    (name,) = wrong

    with pytest.raises(ValueError, match=rf"^{name} must be at least {wrong[name] + 1}$"):
        chances(**wrong)


@pytest.mark.parametrize(
    "lowest",
    [
        {"digits": 1},
        {"window": 0},
        {"backup_codes": 0},
        {"backup_code_bits": 1},
        {"pairs": 0},
        {"authenticators": 1},
    ],
)
def test_the_lowest_numbers_are_not(lowest):
    assert chances(**lowest).guesses == 385


def test_time_does_not_run_backwards():
    with pytest.raises(ValueError, match=r"\Ahorizon_seconds must not be negative\Z"):
        looked_at(POLICY, -1)


@given(policy=policies, horizon=horizons, more=horizons)
def test_more_time_is_never_less_of_a_chance(policy, horizon, more):
    shorter = guess_probability(policy, horizon, digits=6, window=1)
    longer = guess_probability(policy, horizon + more, digits=6, window=1)

    assert 0 < shorter.total <= longer.total <= 1


@given(policy=policies, horizon=horizons)
def test_an_owner_who_stays_away_leaves_no_more_guesses(policy, horizon):
    away = looked_at(policy, horizon, owner_acts=False)

    assert away <= min(looked_at(policy, horizon), policy.hard_cap)
