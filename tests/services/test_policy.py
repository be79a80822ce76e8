"""What wrong codes cost, and what a right one gives back: the numbers that the README promises."""

from contextlib import suppress

import pytest

from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.core.errors import InvalidCode, Locked
from ninja_totp.core.lockout import LockoutPolicy, remaining_failures
from ninja_totp.services import (
    Proof,
    complete_login,
    create_totp_setup,
    disable_totp,
    replace_totp,
    rotate_backup_codes,
    step_up,
    totp_status,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.verify import counters_of
from tests.support.cast import WRONG_BACKUP_CODE, enrolled

pytestmark = pytest.mark.django_db

DAY = 86_400
LONGEST_DELAY = 3600


def fail(owner, times):
    """Type as many wrong codes, locked or not; the clock stands still."""
    for _ in range(times):
        with suppress(Locked):
            verify_totp_code(owner.user, owner.authenticator.wrong_code())


def fail_patiently(owner, clock, times):
    """Type as many wrong codes, each as soon as the burst lock allows."""
    for _ in range(times):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
        clock.advance(LONGEST_DELAY)


def fail_with_backup_codes(owner, times):
    for _ in range(times):
        with suppress(Locked):
            verify_backup_code(owner.user, WRONG_BACKUP_CODE)


def guess_until(owner, clock, deadline):
    """Guess as soon as each lock ends, and return how many guesses were looked at."""
    looked_at, wrong = 0, owner.authenticator.wrong_code()
    while clock.now() < deadline:
        try:
            looked_at += not verify_totp_code(owner.user, wrong)
        except Locked as lock:
            clock.advance(min(lock.retry_after, deadline - clock.now()))
    return looked_at


def failures_left(owner, clock, method="otp"):
    """How many more wrong codes the budget of one kind has room for."""
    counters = counters_of(owner.account, password_fingerprint(owner.user.password))
    return remaining_failures(counters[method], LockoutPolicy(), now=clock.now())


def seconds_locked(owner):
    """How long the account says that it is locked."""
    with pytest.raises(Locked) as locked:
        verify_totp_code(owner.user, owner.authenticator.code())
    return locked.value.retry_after


def every_way_to_type_a_code(owner):
    code = owner.wrong.otp_code
    return [
        lambda: verify_totp_code(owner.user, code),
        lambda: step_up(owner.user, owner.wrong),
        lambda: disable_totp(owner.user, authority=owner.wrong),
        lambda: rotate_backup_codes(owner.user, authority=owner.wrong),
        lambda: replace_totp(owner.user, authority=owner.wrong),
        lambda: owner.log_in(otp_code=code),
    ]


@pytest.fixture(params=["otp_code", "backup_code"])
def proof_of(request):
    """A right proof of either kind, of an owner."""
    if request.param == "otp_code":
        return lambda owner: owner.right
    return lambda owner: Proof(backup_code=owner.backup_codes[0])


def test_four_wrong_codes_do_not_lock(owner):
    fail(owner, 4)

    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_the_fifth_wrong_code_locks_for_half_a_minute(owner):
    fail(owner, 5)

    assert seconds_locked(owner) == 30


def test_a_locked_account_looks_at_no_code_and_charges_nothing(owner):
    fail(owner, 5)
    before = owner.rows

    with pytest.raises(Locked):
        verify_totp_code(owner.user, owner.authenticator.code())

    assert owner.rows == before


def test_a_lock_ends_when_it_says(owner, clock):
    fail(owner, 5)

    clock.advance(29)
    assert seconds_locked(owner) == 1
    clock.advance(1)
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_each_further_failure_doubles_the_lock_up_to_an_hour(owner, clock):
    delays = []

    fail(owner, 4)
    for _ in range(9):
        fail(owner, 1)
        delays.append(seconds_locked(owner))
        clock.advance(delays[-1])

    assert delays == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_success_ends_the_burst(owner, clock):
    fail(owner, 5)
    clock.advance(30)

    verify_totp_code(owner.user, owner.authenticator.code())
    fail(owner, 4)
    clock.advance(30)

    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_a_success_ends_the_bursts_of_both_kinds(owner, proof_of):
    fail(owner, 4)
    fail_with_backup_codes(owner, 4)

    owner_in = complete_login(owner.open_challenge(), proof_of(owner))

    assert owner_in.user == owner.user
    assert (owner.account.failures, owner.account.backup_failures) == (0, 0)


def test_twenty_failures_use_up_the_budget_whatever_the_waiting(owner, clock):
    fail_patiently(owner, clock, 20)

    assert seconds_locked(owner) > DAY - 20 * LONGEST_DELAY - 60


def test_the_budget_takes_back_one_failure_a_day(owner, clock):
    fail_patiently(owner, clock, 20)
    clock.advance(seconds_locked(owner))

    fail(owner, 1)

    assert failures_left(owner, clock) == 0
    assert seconds_locked(owner) == DAY


def test_a_success_elsewhere_leaves_the_budget_as_it_was(owner, clock):
    fail_patiently(owner, clock, 19)
    before = failures_left(owner, clock)

    verify_totp_code(owner.user, owner.authenticator.code())
    clock.advance(60)
    owner.log_in(otp_code=owner.authenticator.code())

    assert failures_left(owner, clock) == before


def test_a_login_gives_back_the_failures_of_its_own_challenge(owner, clock):
    challenge = owner.open_challenge()
    for _ in range(3):
        with pytest.raises(InvalidCode):
            complete_login(challenge, owner.wrong)
    assert failures_left(owner, clock) == 17

    complete_login(challenge, owner.right)

    assert failures_left(owner, clock) == 20


def test_failures_of_another_challenge_stay(owner, clock):
    for _ in range(4):
        with pytest.raises(InvalidCode):
            owner.log_in(otp_code=owner.authenticator.wrong_code())

    owner.log_in(otp_code=owner.authenticator.code())

    assert failures_left(owner, clock) == 16


def test_wrong_backup_codes_of_a_login_give_nothing_back_to_the_codes(owner, clock):
    fail(owner, 4)
    challenge = owner.open_challenge()
    for _ in range(4):
        with pytest.raises(InvalidCode):
            complete_login(challenge, Proof(backup_code=WRONG_BACKUP_CODE))

    complete_login(challenge, owner.right)

    assert failures_left(owner, clock) == 16


def test_a_login_gives_back_the_failed_backup_codes_of_its_own_challenge(owner, clock, proof_of):
    fail_with_backup_codes(owner, 2)
    challenge = owner.open_challenge()
    for _ in range(2):
        with pytest.raises(InvalidCode):
            complete_login(challenge, Proof(backup_code=WRONG_BACKUP_CODE))
    assert failures_left(owner, clock, "backup_code") == 16

    complete_login(challenge, proof_of(owner))

    assert failures_left(owner, clock, "backup_code") == 18


def test_wrong_codes_of_a_login_give_nothing_back_to_the_backup_codes(owner, clock, proof_of):
    fail_with_backup_codes(owner, 4)
    challenge = owner.open_challenge()
    for _ in range(4):
        with pytest.raises(InvalidCode):
            complete_login(challenge, owner.wrong)

    complete_login(challenge, proof_of(owner))

    assert failures_left(owner, clock, "backup_code") == 16
    assert failures_left(owner, clock) == 20


def test_a_login_gives_back_what_its_failures_cost_at_several_authenticators(owner, clock):
    owner.with_another()
    clock.advance(3600)
    challenge = owner.open_challenge()
    with pytest.raises(InvalidCode):
        complete_login(challenge, owner.wrong)
    assert failures_left(owner, clock) == 18

    complete_login(challenge, owner.right)

    assert failures_left(owner, clock) == 20


def test_wrong_pairs_that_cost_the_account_nothing_give_nothing_back(owner, clock):
    fail(owner, 5)
    challenge = owner.open_challenge()
    for _ in range(4):
        with pytest.raises(InvalidCode):
            complete_login(challenge, Proof(otp_codes=("000000", "000000")))

    complete_login(challenge, Proof(otp_codes=owner.authenticator.pair()))

    assert failures_left(owner, clock) == 15


def test_a_pair_is_one_failure_on_an_account_that_is_not_locked(owner, clock):
    with pytest.raises(InvalidCode):
        owner.log_in(otp_codes=("000000", "000000"))

    assert failures_left(owner, clock) == 19


def test_a_month_of_guessing_is_fifty_guesses_though_the_owner_logs_in_every_day(owner, clock):
    looked_at = 0

    for _ in range(30):
        looked_at += guess_until(owner, clock, clock.now() + DAY)
        owner.log_in(otp_codes=owner.authenticator.pair())

    assert looked_at == 20 + 29


def test_every_way_to_type_a_code_is_charged_to_one_account(owner, clock, settings):
    settings.TOTP_LOCKOUT_FREE_FAILURES = 10
    replace_totp(owner.user)

    for attempt in every_way_to_type_a_code(owner):
        with suppress(InvalidCode):
            attempt()

    assert failures_left(owner, clock) == 20 - 6


def test_a_locked_account_is_locked_wherever_a_code_is_typed(owner):
    replace_totp(owner.user)
    fail(owner, 5)

    for attempt in every_way_to_type_a_code(owner):
        with pytest.raises(Locked):
            attempt()


def test_new_challenges_logins_and_enrolments_forgive_nothing(owner, clock):
    fail_patiently(owner, clock, 10)
    before = failures_left(owner, clock)

    owner.open_challenge()
    replace_totp(owner.user)
    rotate_backup_codes(owner.user)
    disable_totp(owner.user)
    create_totp_setup(owner.user)

    assert failures_left(owner, clock) == before


def test_switching_off_and_on_again_forgives_nothing(owner, clock):
    fail_patiently(owner, clock, 10)
    before = failures_left(owner, clock)

    disable_totp(owner.user)
    enrolled(owner.user, clock)

    assert failures_left(owner, clock) == before


def test_a_replayed_code_costs_as_much_as_a_wrong_one(owner, clock):
    code = owner.authenticator.code()
    verify_totp_code(owner.user, code)

    assert not verify_totp_code(owner.user, code)
    assert failures_left(owner, clock) == 19


def test_locked_codes_leave_backup_codes_alone(owner):
    fail(owner, 5)

    assert verify_backup_code(owner.user, owner.backup_codes[0])


def test_locked_backup_codes_leave_codes_alone(owner):
    fail_with_backup_codes(owner, 5)

    with pytest.raises(Locked):
        verify_backup_code(owner.user, owner.backup_codes[0])
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_wrong_backup_codes_have_a_budget_of_their_own(owner, clock):
    fail_with_backup_codes(owner, 4)

    assert failures_left(owner, clock) == 20
    assert owner.account.backup_failures == 4


def test_the_status_says_until_when_codes_are_locked(owner, clock):
    fail(owner, 5)

    status = totp_status(owner.user)

    assert status.is_locked
    assert status.locked_until.timestamp() == clock.now() + 30
