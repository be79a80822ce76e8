"""A crowd that guesses gets no more answers than somebody who guesses alone."""

from functools import partial

import pytest

from ninja_totp.models import Challenge
from ninja_totp.services import (
    Proof,
    complete_login,
    confirm_totp_setup,
    disable_totp,
    replace_totp,
    rotate_backup_codes,
    step_up,
    verify_totp_code,
)
from tests.races.starting_gun import accepted, at_once, refusals
from tests.services.cast import WRONG_BACKUP_CODE

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 40


def every_endpoint(owner):
    """Forty wrong codes, wherever one can be typed."""
    replace_totp(owner.user)
    wrong = owner.wrong
    return [
        lambda: step_up(owner.user, wrong),
        lambda: disable_totp(owner.user, authority=wrong),
        lambda: rotate_backup_codes(owner.user, authority=wrong),
        lambda: replace_totp(owner.user, authority=wrong),
        lambda: confirm_totp_setup(owner.user, wrong.otp_code),
        *each_its_challenge(owner, wrong, 3),
    ] * 5


def each_its_challenge(owner, proof, crowd=CROWD):
    return [partial(complete_login, owner.open_challenge(), proof) for _ in range(crowd)]


def test_five_of_forty_guesses_are_looked_at(owner):
    outcomes = at_once(each_its_challenge(owner, owner.wrong))

    assert refusals(outcomes) == {"InvalidCode": 5, "Locked": CROWD - 5}
    assert owner.account.failures == 5


def test_five_of_forty_guesses_are_looked_at_whatever_the_endpoint(owner):
    outcomes = at_once(every_endpoint(owner))

    seen = refusals(outcomes)
    assert seen["InvalidCode"] + seen["InvalidEnrolmentCode"] == 5
    assert owner.account.failures == 5


def test_five_of_forty_guesses_on_one_challenge_are_looked_at(owner):
    challenge, wrong = owner.open_challenge(), owner.wrong

    outcomes = at_once([lambda: complete_login(challenge, wrong)] * CROWD)

    assert refusals(outcomes)["InvalidCode"] == 5
    assert Challenge.objects.get().attempts == 5


def test_five_of_forty_guessed_backup_codes_are_looked_at(owner):
    proof = Proof(backup_code=WRONG_BACKUP_CODE)

    outcomes = at_once(each_its_challenge(owner, proof))

    assert refusals(outcomes) == {"InvalidCode": 5, "Locked": CROWD - 5}
    assert owner.account.backup_failures == 5


def test_no_guess_is_lost_however_the_budgets_are_mixed(owner):
    guesses = [owner.wrong, Proof(backup_code=WRONG_BACKUP_CODE)] * 20

    outcomes = at_once([partial(step_up, owner.user, guess) for guess in guesses])

    assert refusals(outcomes) == {"InvalidCode": 10, "Locked": CROWD - 10}
    assert (owner.account.failures, owner.account.backup_failures) == (5, 5)


def test_guesses_leave_the_lock_that_they_earned(owner, clock):
    at_once(each_its_challenge(owner, owner.wrong))
    clock.advance(29)
    outcomes = at_once([lambda: step_up(owner.user, owner.right)] * 2)
    clock.advance(1)

    assert refusals(outcomes) == {"Locked": 2}
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_the_owner_gets_in_through_a_flood_of_wrong_pairs(owner):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    flood = each_its_challenge(owner, Proof(otp_codes=("000000", "000000")), CROWD - 1)
    entry = each_its_challenge(owner, Proof(otp_codes=owner.authenticator.pair()), 1)

    outcomes = at_once(flood + entry)

    assert [login.user for login in accepted(outcomes)] == [owner.user]
    assert refusals(outcomes) == {"InvalidCode": CROWD - 1}


def test_a_challenge_is_worth_five_pairs_on_a_locked_account(owner):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    challenge, pair = owner.open_challenge(), Proof(otp_codes=("000000", "000000"))

    outcomes = at_once([lambda: complete_login(challenge, pair)] * CROWD)

    assert refusals(outcomes) == {"InvalidCode": 5, "InvalidChallenge": CROWD - 5}
