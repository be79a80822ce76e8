"""The bound on guesses against years of guessing through the real services.

`make guesses` does the same for longer and prints what it found. Where luck decides, an outcome
fails that a right bound leads to once in a thousand times. So a test most likely fails where a
guess is right three times as often as the bound says, or three times as many are compared; for
several authenticators, in `make test`, four times.
"""

from typing import NamedTuple

import pytest

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
from tests.support.breadth import breadth

pytestmark = pytest.mark.django_db

DAYS, GUESSES = breadth(
    (30, {1: 50, 2: 25, 3: 16, 5: 10}), thorough=(365, {1: 385, 2: 192, 3: 128, 5: 77})
)
EVERY_MINUTE, GUESSES_MEANWHILE = breadth((DAY // 24, 4), thorough=(DAY // 4, 9))


class Site(NamedTuple):
    """Accounts that are besieged, so many that it shows how likely each of them is taken."""

    accounts: int
    digits: int
    budget: int
    days: int


# The fewer digits, the fewer guesses show as much. With several authenticators, one digit is one
# of their codes nearly always.
FEW_DIGITS = breadth(Site(40, digits=1, budget=1, days=1), thorough=Site(30, 2, 20, days=10))
TWO_DIGITS = breadth(Site(24, digits=2, budget=27, days=3), thorough=Site(30, 2, 20, days=10))


@pytest.fixture
def dice():
    """What guesses are drawn from; secrets are drawn from the same."""
    with repeatable(seed=20261124) as source:
        yield source


@pytest.fixture
def ada(clock, dice):
    """An account that is guessed at."""
    return new_account("ada", clock)


def lay_siege_to_many(site, clock, dice, *, owner_every, authenticators=1):
    """Besiege each account of the site; return how many were taken."""
    return sum(
        besiege(
            new_account(f"user{number}", clock, authenticators=authenticators),
            seconds=site.days * DAY,
            owner_every=owner_every,
            guess=lambda account: f"{dice.randrange(10**site.digits):0{site.digits}}",
        ).is_taken
        for number in range(site.accounts)
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
    assert breadth(48, thorough=384) <= outcome.compared == compared <= GUESSES[1]
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
    assert outcome.guesses == outcome.compared == expected == GUESSES_MEANWHILE


@pytest.mark.parametrize("owner_every", [None, DAY], ids=["owner away", "owner daily"])
def test_as_many_accounts_are_taken_as_the_chance_says(db, clock, dice, settings, owner_every):
    settings.TOTP_LOCKOUT_BUDGET = FEW_DIGITS.budget
    with few_digits(FEW_DIGITS.digits):
        bound = site_guess_probability(FEW_DIGITS.days * DAY)
        taken = lay_siege_to_many(FEW_DIGITS, clock, dice, owner_every=owner_every)

    lowest, highest = wilson(taken, FEW_DIGITS.accounts)
    one_guess = bound.codes / bound.guesses
    assert bound.guesses == FEW_DIGITS.budget + FEW_DIGITS.days
    assert lowest < 1 - (1 - one_guess) ** bound.guesses < highest
    assert lowest < bound.codes


@pytest.mark.parametrize("authenticators", [2, 3, 5])
def test_as_many_accounts_are_taken_whatever_the_number_of_their_authenticators(
    clock, dice, settings, authenticators
):
    settings.TOTP_MAX_AUTHENTICATORS = 5
    settings.TOTP_LOCKOUT_BUDGET = TWO_DIGITS.budget
    with few_digits(TWO_DIGITS.digits):
        bound = site_guess_probability(TWO_DIGITS.days * DAY)
        taken = lay_siege_to_many(
            TWO_DIGITS, clock, dice, owner_every=DAY, authenticators=authenticators
        )

    lowest, highest = wilson(taken, TWO_DIGITS.accounts)
    assert lowest < 1 - (1 - bound.codes / bound.guesses) ** bound.guesses < highest
