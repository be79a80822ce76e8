"""Every conditional update, by hand: another request writes between the read and the write.

SQLite lets one transaction write after the other, so that threads seldom meet there. Here they
always do, in one thread. On SQLite alone: there a transaction begins with a statement, before which
the other request can come.
"""

from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection

from ninja_totp.core.errors import (
    AlreadyConfirmed,
    EnrolmentLocked,
    InvalidChallenge,
    InvalidCode,
    InvalidRecovery,
    InvalidRecoveryPassword,
    Locked,
)
from ninja_totp.core.lockout import PAIRS_A_DAY
from ninja_totp.models import Account, Authenticator, BackupCode, Challenge, TrustedDevice
from ninja_totp.services import (
    Proof,
    begin_login,
    cancel_recovery,
    complete_login,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    generate_recovery_link,
    rotate_backup_codes,
)
from tests.support import cast
from tests.support.cast import NEW_PASSWORD, PASSWORD, WRONG_BACKUP_CODE

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def before_the_write(rival, *, number=1):
    """Have `rival` do all it does right before the first (or a later) statement that writes.

    The beginning of a transaction counts as one: what is read by then is what the write relies on.
    """
    left = [number]

    def run_rival(execute, sql, params, many, context):
        if left and not sql.lstrip().upper().startswith(("SELECT", "SET", "SHOW")):
            left[0] -= 1
            if left[0] == 0:
                left.clear()
                rival()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run_rival):
        yield
    assert not left, "nothing was written"


def refused(call, error):
    with pytest.raises(error):
        call()


def test_a_code_is_used_once(owner):
    first, second = owner.open_challenge(), owner.open_challenge()

    with before_the_write(partial(complete_login, second, owner.right)):
        refused(partial(complete_login, first, owner.right), InvalidCode)


def test_a_backup_code_is_used_once(owner):
    first, second = owner.open_challenge(), owner.open_challenge()
    proof = Proof(backup_code=owner.backup_codes[0])

    with before_the_write(partial(complete_login, second, proof)):
        refused(partial(complete_login, first, proof), InvalidCode)

    assert BackupCode.objects.filter(used_at=None).count() == 9


def test_a_challenge_is_used_once(owner):
    challenge = owner.open_challenge()
    rival = partial(complete_login, challenge, Proof(backup_code=owner.backup_codes[0]))

    with before_the_write(rival):
        refused(partial(complete_login, challenge, owner.right), InvalidChallenge)


def test_a_code_is_not_accepted_of_a_factor_that_is_off(owner):
    challenge = owner.open_challenge()

    with before_the_write(partial(disable_totp, owner.user)):
        refused(partial(complete_login, challenge, owner.right), InvalidChallenge)


@pytest.mark.parametrize("is_backup_code", [False, True])
def test_no_failure_is_lost(owner, is_backup_code):
    wrong = Proof(backup_code=WRONG_BACKUP_CODE) if is_backup_code else owner.wrong
    first, second = owner.open_challenge(), owner.open_challenge()

    with before_the_write(partial(refused, partial(complete_login, second, wrong), InvalidCode)):
        refused(partial(complete_login, first, wrong), InvalidCode)

    column = "backup_failures" if is_backup_code else "failures"
    assert owner.columns[column] == 2


def test_no_attempt_at_a_challenge_is_lost(owner):
    challenge = owner.open_challenge()
    rival = partial(refused, partial(complete_login, challenge, owner.wrong), InvalidCode)

    with before_the_write(rival):
        refused(partial(complete_login, challenge, owner.wrong), InvalidCode)

    assert Challenge.objects.get().attempts == 2


def test_no_guess_is_looked_at_after_the_one_that_locks(owner):
    challenges = [owner.open_challenge() for _ in range(6)]
    for challenge in challenges[:4]:
        refused(partial(complete_login, challenge, owner.wrong), InvalidCode)
    rival = partial(refused, partial(complete_login, challenges[4], owner.wrong), InvalidCode)

    with before_the_write(rival):
        refused(partial(complete_login, challenges[5], owner.right), Locked)


def test_the_last_pair_of_a_day_is_one(owner, clock):
    for _ in range(5):
        refused(partial(complete_login, owner.open_challenge(), owner.wrong), InvalidCode)
    day = clock.now() // 86_400
    Account.objects.update(pairs=PAIRS_A_DAY - 1, pairs_day=day)
    pair = Proof(otp_codes=("000000", "000000"))
    first, second = owner.open_challenge(), owner.open_challenge()

    with before_the_write(partial(refused, partial(complete_login, second, pair), InvalidCode)):
        refused(partial(complete_login, first, pair), Locked)

    assert owner.columns["pairs"] == PAIRS_A_DAY


def test_no_wrong_pair_at_a_challenge_is_lost(owner):
    for _ in range(5):
        refused(partial(complete_login, owner.open_challenge(), owner.wrong), InvalidCode)
    pair, challenge = Proof(otp_codes=("000000", "000000")), owner.open_challenge()
    guess = partial(refused, partial(complete_login, challenge, pair), InvalidCode)
    guess()

    with before_the_write(guess, number=2):  # the first one counts the pair
        guess()

    assert Challenge.objects.order_by("attempts").last().attempts == 3


def test_two_rotations_leave_one_sheet(owner):
    sheets = []

    with before_the_write(lambda: sheets.append(rotate_backup_codes(owner.user))):
        sheets.append(rotate_backup_codes(owner.user))

    assert BackupCode.objects.count() == 10
    assert complete_login(owner.open_challenge(), Proof(backup_code=sheets[1][0]))


def test_a_code_confirms_no_other_secret_than_its_own(ada, clock):
    app = cast.Authenticator(create_totp_setup(ada).secret, clock)

    with before_the_write(partial(create_totp_setup, ada)):
        refused(partial(confirm_totp_setup, ada, app.code()), InvalidCode)

    assert not Account.objects.get().is_enabled


def test_no_wrong_code_at_an_enrolment_is_lost(ada, clock):
    app = cast.Authenticator(create_totp_setup(ada).secret, clock)
    guess = partial(confirm_totp_setup, ada, app.wrong_code())

    with before_the_write(partial(refused, guess, InvalidCode)):
        refused(guess, InvalidCode)

    assert Authenticator.objects.get().failures == 2


def test_no_wrong_code_at_an_enrolment_is_looked_at_after_the_last_one(ada, clock):
    app = cast.Authenticator(create_totp_setup(ada).secret, clock)
    guess = partial(confirm_totp_setup, ada, app.wrong_code())
    for _ in range(4):
        refused(guess, InvalidCode)

    with before_the_write(partial(refused, guess, InvalidCode)):
        refused(guess, EnrolmentLocked)


def test_an_enrolment_is_not_confirmed_after_its_last_attempt(ada, clock):
    app = cast.Authenticator(create_totp_setup(ada).secret, clock)

    def guess_five_times():
        for _ in range(5):
            refused(partial(confirm_totp_setup, ada, app.wrong_code()), InvalidCode)

    with before_the_write(guess_five_times):
        refused(partial(confirm_totp_setup, ada, app.code()), EnrolmentLocked)


def test_an_enrolment_is_confirmed_once(ada, clock):
    app = cast.Authenticator(create_totp_setup(ada).secret, clock)
    confirm = partial(confirm_totp_setup, ada, app.code())

    with before_the_write(confirm):
        refused(confirm, AlreadyConfirmed)

    assert BackupCode.objects.count() == 10


def test_a_token_of_a_trusted_device_lets_one_in(owner, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
    login = complete_login(owner.open_challenge(), owner.right, trust_device="laptop")
    log_in = partial(
        begin_login,
        None,
        username="ada",
        password=PASSWORD,
        trusted_device_token=login.trusted_device_token,
    )
    steps = []

    with before_the_write(lambda: steps.append(log_in())):
        steps.append(log_in())

    assert [step.challenge_token is None for step in steps] == [True, False]
    assert not TrustedDevice.objects.exists()


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("cancels", [False, True])
def test_a_link_is_used_once(owner, number, cancels):
    link = generate_recovery_link(owner.user)
    recover = partial(confirm_recovery, link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)
    rival = partial(cancel_recovery, link.uid, link.token) if cancels else recover

    with before_the_write(rival, number=number):
        refused(recover, InvalidRecovery)

    assert Account.objects.get().is_enabled is cancels


def test_no_password_is_looked_at_after_the_last_one_that_a_link_takes(owner):
    link = generate_recovery_link(owner.user)
    guess = partial(confirm_recovery, link.uid, link.token, "wrong", new_password=NEW_PASSWORD)
    for _ in range(4):
        refused(guess, InvalidRecoveryPassword)

    rival = partial(refused, guess, InvalidRecoveryPassword)
    with before_the_write(rival), pytest.raises(InvalidRecovery) as caught:
        guess()

    assert not isinstance(caught.value, InvalidRecoveryPassword)
