"""The bound on guesses against years of guessing through the real services.

`make guesses` does the same for longer and prints what it found.
"""

import pytest
from hypothesis import settings as profile

from ninja_totp.services.policy.guessing import site_guess_probability
from tests.guessing.siege import (
    DAY,
    YEAR,
    a_wrong_code,
    besiege,
    few_digits,
    new_account,
    repeatable,
    wilson,
)

pytestmark = pytest.mark.django_db

# `make test` besieges fewer accounts for a shorter time than `make check`.
IS_THOROUGH = profile.get_current_profile_name() == "thorough"
DAYS, GUESSES = (
    (365, {1: 385, 2: 192, 3: 128, 5: 77}) if IS_THOROUGH else (60, {1: 80, 2: 40, 3: 26, 5: 16})
)
ACCOUNTS = 30 if IS_THOROUGH else 10
EVERY_MINUTE = DAY // 4 if IS_THOROUGH else DAY // 12


@pytest.fixture
def dice():
    """What guesses are drawn from; secrets are drawn from the same."""
    with repeatable(seed=20261124) as source:
        yield source


@pytest.fixture
def ada(clock, dice):
    """An account that is guessed at."""
    return new_account("ada", clock)


def lay_siege_to_many(accounts, clock, dice, *, owner_every, authenticators=1):
    """Besiege so many accounts of two digits for ten days each; return how many were taken."""
    return sum(
        besiege(
            new_account(f"user{number}", clock, authenticators=authenticators),
            seconds=10 * DAY,
            owner_every=owner_every,
            guess=lambda account: f"{dice.randrange(100):02}",
        ).is_taken
        for number in range(accounts)
    )


def test_an_owner_who_logs_in_daily_allows_exactly_the_guesses_of_the_bound(ada):
    outcome = besiege(ada, seconds=DAYS * DAY, owner_every=DAY, guess=a_wrong_code)

    assert outcome.owner_logins == DAYS
    assert outcome.guesses == outcome.compared == GUESSES[1]
    assert site_guess_probability(DAYS * DAY).guesses == GUESSES[1]
    assert site_guess_probability().guesses == 385


@pytest.mark.parametrize("authenticators", [2, 3, 5])
def test_against_several_authenticators_no_guess_more_is_compared_than_against_one(
    clock, dice, settings, authenticators
):
    settings.TOTP_MAX_AUTHENTICATORS = 5
    ada = new_account("ada", clock, authenticators=authenticators)

    outcome = besiege(ada, seconds=DAYS * DAY, owner_every=DAY, guess=a_wrong_code)

    bound = site_guess_probability(DAYS * DAY, authenticators=authenticators)
    assert outcome.owner_logins == DAYS
    assert outcome.guesses == bound.guesses == GUESSES[authenticators]
    compared = bound.guesses * authenticators
    assert (384 if IS_THOROUGH else 78) <= outcome.compared == compared <= GUESSES[1]
    assert bound.codes <= site_guess_probability(DAYS * DAY).codes


@pytest.mark.parametrize("authenticators", [2, 3, 5])
def test_without_the_owner_the_cap_is_reached_after_as_many_comparisons(
    clock, dice, settings, authenticators
):
    settings.TOTP_MAX_AUTHENTICATORS = 5
    ada = new_account("ada", clock, authenticators=authenticators)

    outcome = besiege(ada, seconds=YEAR, guess=a_wrong_code)

    assert 99 <= outcome.compared <= 100


def test_ten_years_without_the_owner_allow_a_hundred_guesses(ada):
    outcome = besiege(ada, seconds=10 * YEAR, guess=a_wrong_code)

    expected = site_guess_probability(10 * YEAR, owner_acts=False).guesses
    assert outcome.guesses == outcome.compared == expected == 100


def test_an_owner_who_logs_in_each_minute_gives_no_guess_away(ada, settings):
    settings.TOTP_LOCKOUT_REFILL = 3600
    settings.TOTP_LOCKOUT_BUDGET = 3

    outcome = besiege(ada, seconds=EVERY_MINUTE, owner_every=60, guess=a_wrong_code)

    expected = site_guess_probability(EVERY_MINUTE).guesses
    assert outcome.guesses == outcome.compared == expected == (9 if IS_THOROUGH else 5)


@pytest.mark.parametrize("owner_every", [None, DAY], ids=["owner away", "owner daily"])
def test_as_many_accounts_are_taken_as_the_chance_says(db, clock, dice, owner_every):
    with few_digits(2):
        bound = site_guess_probability(10 * DAY)
        taken = lay_siege_to_many(30, clock, dice, owner_every=owner_every)

    lowest, highest = wilson(taken, 30)
    one_guess = bound.codes / bound.guesses
    assert bound.guesses == 30
    assert lowest < 1 - (1 - one_guess) ** bound.guesses < highest
    assert lowest < bound.codes


@pytest.mark.parametrize("authenticators", [2, 3, 5])
def test_as_many_accounts_are_taken_whatever_the_number_of_their_authenticators(
    clock, dice, settings, authenticators
):
    settings.TOTP_MAX_AUTHENTICATORS = 5
    with few_digits(2):
        bound = site_guess_probability(10 * DAY)
        taken = lay_siege_to_many(
            ACCOUNTS, clock, dice, owner_every=DAY, authenticators=authenticators
        )

    lowest, highest = wilson(taken, ACCOUNTS)
    assert lowest < 1 - (1 - bound.codes / bound.guesses) ** bound.guesses < highest
