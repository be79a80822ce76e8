"""A crowd that guesses gets no more answers than somebody who guesses alone."""

from functools import partial

import pytest

from ninja_totp.models import BackupCode, Challenge
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
from tests.support.cast import WRONG_BACKUP_CODE, Authenticator

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 40


def every_endpoint(owner):
    """Forty wrong codes, wherever one can be typed that is charged to the account."""
    wrong = owner.wrong
    return [
        lambda: step_up(owner.user, wrong),
        lambda: disable_totp(owner.user, authority=wrong),
        lambda: rotate_backup_codes(owner.user, authority=wrong),
        lambda: replace_totp(owner.user, authority=wrong),
        *each_its_challenge(owner, wrong, 4),
    ] * 5


def charged(owner, prefix=""):
    """How many failures the budget remembers: one is forgiven a day."""
    full_at = getattr(owner.account, f"{prefix}budget_full_epoch")
    return round(max(0, full_at - owner.authenticator.clock.now()) / 86_400)


def each_its_challenge(owner, proof, crowd=CROWD):
    return [partial(complete_login, one, proof) for one in owner.open_challenges(crowd)]


def test_five_of_forty_guesses_are_looked_at(owner):
    outcomes = at_once(each_its_challenge(owner, owner.wrong))

    assert refusals(outcomes) == {"InvalidCode": 5, "Locked": CROWD - 5}
    assert owner.account.failures == 5


def test_five_of_forty_guesses_are_looked_at_whatever_the_endpoint(owner):
    outcomes = at_once(every_endpoint(owner))

    assert refusals(outcomes) == {"InvalidCode": 5, "Locked": CROWD - 5}
    assert owner.account.failures == 5


def test_five_of_forty_guesses_at_a_pending_secret_are_looked_at(owner):
    replace_totp(owner.user)
    wrong = owner.authenticator.code()  # of the factor in use, not of the one that is pending

    outcomes = at_once([lambda: confirm_totp_setup(owner.user, wrong)] * CROWD)

    assert refusals(outcomes) == {"InvalidEnrolmentCode": 5, "EnrolmentLocked": CROWD - 5}
    assert (owner.pending.failures, owner.account.failures) == (5, 0)


def test_a_right_code_among_wrong_ones_confirms_once_or_not_at_all(owner, clock):
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    codes = [phone.wrong_code()] * (CROWD - 1) + [phone.code()]

    outcomes = at_once([partial(confirm_totp_setup, owner.user, code) for code in codes])

    seen = refusals(outcomes)
    assert len(accepted(outcomes)) <= 1
    assert seen["InvalidEnrolmentCode"] <= 5
    assert set(seen) <= {"InvalidEnrolmentCode", "EnrolmentLocked", "AlreadyConfirmed"}
    assert owner.account.failures == 0


def test_five_of_forty_guesses_on_one_challenge_are_looked_at(owner):
    challenge, wrong = owner.open_challenge(), owner.wrong

    outcomes = at_once([lambda: complete_login(challenge, wrong)] * CROWD)

    assert refusals(outcomes)["InvalidCode"] == 5
    assert Challenge.objects.get().attempts == 5


def test_five_of_forty_guessed_backup_codes_are_looked_at(owner):
    proof = Proof(backup_code=WRONG_BACKUP_CODE)

    outcomes = at_once(each_its_challenge(owner, proof))

    assert refusals(outcomes) == {"InvalidCode": 5, "BackupCodesLocked": CROWD - 5}
    assert owner.account.backup_failures == 5


@pytest.mark.parametrize("place", [0, 20, CROWD - 1])
def test_of_forty_backup_codes_of_which_one_is_right_no_more_are_looked_at(owner, place):
    proofs = [Proof(backup_code=WRONG_BACKUP_CODE)] * CROWD
    proofs[place] = Proof(backup_code=owner.backup_codes[0])

    outcomes = at_once([partial(step_up, owner.user, proof) for proof in proofs])

    seen, used = refusals(outcomes), len(accepted(outcomes))
    # The right one ends a burst, so that five more may follow it.
    assert used <= 1
    assert 5 <= seen["InvalidCode"] <= 5 * (1 + used)
    assert seen["InvalidCode"] + seen["BackupCodesLocked"] == CROWD - used
    assert BackupCode.objects.exclude(used_at=None).count() == used
    assert charged(owner, "backup_") == seen["InvalidCode"]
    assert charged(owner) == 0


@pytest.mark.parametrize("place", [0, CROWD - 1])
def test_so_it_is_when_each_is_typed_into_a_login_of_its_own(owner, place):
    proofs = [Proof(backup_code=WRONG_BACKUP_CODE)] * CROWD
    proofs[place] = Proof(backup_code=owner.backup_codes[0])
    challenges = owner.open_challenges(CROWD)

    outcomes = at_once(list(map(partial(partial, complete_login), challenges, proofs)))

    seen, used = refusals(outcomes), len(accepted(outcomes))
    assert used <= 1
    assert 5 <= seen["InvalidCode"] <= 5 * (1 + used)
    assert seen["InvalidCode"] + seen["BackupCodesLocked"] == CROWD - used
    assert BackupCode.objects.exclude(used_at=None).count() == used
    assert charged(owner, "backup_") == seen["InvalidCode"]


def test_no_guess_is_lost_however_the_budgets_are_mixed(owner):
    guesses = [owner.wrong, Proof(backup_code=WRONG_BACKUP_CODE)] * 20

    outcomes = at_once([partial(step_up, owner.user, guess) for guess in guesses])

    assert refusals(outcomes) == {"InvalidCode": 10, "Locked": 15, "BackupCodesLocked": 15}
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
