"""The ways out of a lock: two consecutive codes, a backup code, a new password."""

from contextlib import suppress

import pytest

from ninja_totp.core.errors import InvalidChallenge, InvalidCode, Locked
from ninja_totp.models import Account, Challenge
from ninja_totp.services import (
    Proof,
    complete_login,
    step_up,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.cast import WRONG_BACKUP_CODE

pytestmark = pytest.mark.django_db

DAY = 86_400


def lock_burst(owner, clock):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())


def lock_budget(owner, clock):
    Account.objects.filter(pk=owner.user.pk).update(budget_full_epoch=clock.now() + 20 * DAY)


def lock_for_good(owner, clock):
    """A hundred failures in a row take eighty days at least; the row is put where they lead to."""
    for _ in range(4):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    Account.objects.filter(pk=owner.user.pk).update(failures=100)


every_lock = pytest.mark.parametrize("lock", [lock_burst, lock_budget, lock_for_good])


@every_lock
def test_two_consecutive_codes_log_in_through_any_lock(owner, clock, lock):
    lock(owner, clock)

    login = owner.log_in(otp_codes=owner.authenticator.pair())

    assert login.user == owner.user


@every_lock
def test_a_single_right_code_does_not_log_in_through_any_lock(owner, clock, lock):
    lock(owner, clock)

    with pytest.raises(Locked):
        owner.log_in(otp_code=owner.authenticator.code())


@pytest.mark.parametrize("lock", [lock_burst, lock_for_good])
def test_after_two_consecutive_codes_single_ones_work_again(owner, clock, lock):
    lock(owner, clock)

    owner.log_in(otp_codes=owner.authenticator.pair())
    clock.advance(60)

    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_two_consecutive_codes_do_not_refill_the_budget(owner, clock):
    lock_budget(owner, clock)

    owner.log_in(otp_codes=owner.authenticator.pair())
    clock.advance(60)

    with pytest.raises(Locked):
        owner.log_in(otp_code=owner.authenticator.code())


@every_lock
def test_a_wrong_pair_costs_a_locked_account_nothing_but_its_challenge(owner, clock, lock):
    lock(owner, clock)
    challenge = owner.open_challenge()
    before = owner.columns

    with pytest.raises(InvalidCode):
        complete_login(challenge, Proof(otp_codes=("000000", "000000")))

    counted = {"pairs", "pairs_day", "pair_failed_epoch"}
    changed = {name for name, value in owner.columns.items() if value != before[name]}
    assert changed == counted
    assert Challenge.objects.get(user=owner.user).attempts == 1


def test_a_challenge_is_worth_five_wrong_pairs(owner, clock):
    lock_burst(owner, clock)
    challenge = owner.open_challenge()
    for _ in range(5):
        with pytest.raises(InvalidCode):
            complete_login(challenge, Proof(otp_codes=("000000", "000000")))

    with pytest.raises(InvalidChallenge):
        complete_login(challenge, Proof(otp_codes=owner.authenticator.pair()))


def test_two_right_codes_in_the_wrong_order_do_not_unlock(owner, clock):
    lock_burst(owner, clock)
    older, newer = owner.authenticator.pair()

    with pytest.raises(InvalidCode):
        owner.log_in(otp_codes=(newer, older))


def test_two_right_codes_with_a_gap_between_them_do_not_unlock(owner, clock):
    lock_burst(owner, clock)
    codes = (owner.authenticator.code(-1), owner.authenticator.code(1))

    with pytest.raises(InvalidCode):
        owner.log_in(otp_codes=codes)


def test_a_pair_that_holds_a_used_code_does_not_unlock(owner, clock):
    verify_totp_code(owner.user, owner.authenticator.code(-1))
    lock_burst(owner, clock)

    with pytest.raises(InvalidCode):
        owner.log_in(otp_codes=owner.authenticator.pair())


def test_both_codes_of_a_pair_are_used_up(owner, clock):
    older, newer = owner.authenticator.pair()
    owner.log_in(otp_codes=(older, newer))

    assert not verify_totp_code(owner.user, older)
    assert not verify_totp_code(owner.user, newer)


def test_a_pair_ends_a_lock_at_a_step_up(owner, clock):
    lock_burst(owner, clock)

    step_up(owner.user, Proof(otp_codes=owner.authenticator.pair()))

    clock.advance(90)
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_a_wrong_pair_at_a_step_up_is_counted_by_the_account(owner, clock):
    lock_burst(owner, clock)

    with pytest.raises(InvalidCode):
        step_up(owner.user, Proof(otp_codes=("000000", "000000")))

    assert Account.objects.get().pairs == 1


def test_each_wrong_pair_without_a_challenge_is_refused_alike(owner, clock):
    lock_burst(owner, clock)

    for _ in range(3):
        with pytest.raises(InvalidCode):
            step_up(owner.user, Proof(otp_codes=("000000", "000000")))

    assert owner.account.pairs == 3


def test_a_day_of_pairs_does_not_begin_again_by_a_clock_that_is_behind(owner):
    account = owner.account
    assert account.claim_pair(day=20_001, most=2)
    assert account.claim_pair(day=20_000, most=2)

    assert not account.claim_pair(day=20_001, most=2)
    assert not account.claim_pair(day=20_000, most=2)


def test_a_site_may_do_without_unlocking_by_pairs(owner, clock, settings):
    settings.TOTP_TWO_CODE_UNLOCK = False
    lock_for_good(owner, clock)

    with pytest.raises(Locked):
        owner.log_in(otp_codes=owner.authenticator.pair())


def test_no_time_ends_the_hard_cap(owner, clock):
    lock_for_good(owner, clock)
    clock.advance(10 * 365 * DAY)

    with pytest.raises(Locked) as locked:
        verify_totp_code(owner.user, owner.authenticator.code())

    assert locked.value.retry_after is None


def test_a_backup_code_ends_the_hard_cap(owner, clock):
    lock_for_good(owner, clock)

    owner.log_in(backup_code=owner.backup_codes[0])

    assert verify_totp_code(owner.user, owner.authenticator.code())


@pytest.mark.parametrize("lock", [lock_burst, lock_for_good])
def test_a_new_password_ends_a_run_of_failures(owner, clock, lock):
    lock(owner, clock)

    owner.user.set_password("another one")
    owner.user.save()

    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_a_new_password_ends_a_run_of_failed_backup_codes(owner, clock):
    for _ in range(5):
        verify_backup_code(owner.user, WRONG_BACKUP_CODE)

    owner.user.set_password("another one")
    owner.user.save()

    assert verify_backup_code(owner.user, owner.backup_codes[0])


def test_a_new_password_does_not_refill_the_budget(owner, clock):
    lock_budget(owner, clock)

    owner.user.set_password("another one")
    owner.user.save()

    with pytest.raises(Locked):
        verify_totp_code(owner.user, owner.authenticator.code())


def test_the_hard_cap_of_codes_is_not_that_of_backup_codes(owner, clock):
    Account.objects.filter(pk=owner.user.pk).update(backup_failures=100)
    with suppress(Locked):
        owner.log_in(backup_code=WRONG_BACKUP_CODE)

    assert owner.log_in(otp_code=owner.authenticator.code()).user == owner.user
