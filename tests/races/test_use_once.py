"""What works once works once, however many ask for it at the same moment."""

from functools import partial

import pytest

from ninja_totp.models import BackupCode, Challenge
from ninja_totp.services import (
    Proof,
    complete_login,
    disable_totp,
    replace_totp,
    rotate_backup_codes,
    step_up,
)
from tests.races.starting_gun import accepted, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 40
USED_ELSEWHERE = {"InvalidCode", "Locked", "BackupCodesLocked"}


def each_its_challenge(owner, proof, crowd=CROWD):
    return [partial(complete_login, one, proof) for one in owner.open_challenges(crowd)]


def every_endpoint(owner, proof):
    """Forty uses of one proof: logins, step-ups and every change that it may allow."""
    others = [
        lambda: step_up(owner.user, proof),
        lambda: disable_totp(owner.user, authority=proof),
        lambda: rotate_backup_codes(owner.user, authority=proof),
        lambda: replace_totp(owner.user, authority=proof),
    ]
    return others * 8 + each_its_challenge(owner, proof, 8)


def test_one_code_logs_in_once_whatever_the_challenge(owner):
    outcomes = at_once(each_its_challenge(owner, owner.right))

    assert len(accepted(outcomes)) == 1
    assert set(refusals(outcomes)) == {"InvalidCode", "Locked"}


def test_one_backup_code_logs_in_once_whatever_the_challenge(owner):
    outcomes = at_once(each_its_challenge(owner, Proof(backup_code=owner.backup_codes[0])))

    assert len(accepted(outcomes)) == 1
    assert set(refusals(outcomes)) == {"InvalidCode", "BackupCodesLocked"}
    assert BackupCode.objects.filter(used_at=None).count() == 9


def test_one_pair_logs_in_once_whatever_the_challenge(owner):
    outcomes = at_once(each_its_challenge(owner, Proof(otp_codes=owner.authenticator.pair())))

    assert len(accepted(outcomes)) == 1


def test_one_challenge_logs_in_once(owner):
    challenge = owner.open_challenge()

    outcomes = at_once([lambda: complete_login(challenge, owner.right)] * CROWD)

    assert len(accepted(outcomes)) == 1
    assert refusals(outcomes) == {"InvalidChallenge": CROWD - 1}


def test_one_challenge_logs_in_once_whatever_the_proof(owner):
    challenge = owner.open_challenge()
    proofs = [Proof(backup_code=code) for code in owner.backup_codes]
    proofs += [owner.right, Proof(otp_codes=owner.authenticator.pair())]

    outcomes = at_once([partial(complete_login, challenge, proof) for proof in proofs])

    assert len(accepted(outcomes)) == 1
    assert refusals(outcomes) == {"InvalidChallenge": len(proofs) - 1}
    assert BackupCode.objects.filter(used_at=None).count() >= 9


def test_ten_backup_codes_log_in_ten_times(owner):
    calls = [
        partial(complete_login, owner.open_challenge(), Proof(backup_code=code))
        for code in owner.backup_codes
    ]

    outcomes = at_once(calls)

    assert sorted(login.backup_codes_remaining for login in outcomes) == list(range(10))
    assert Challenge.objects.filter(consumed_at=None).count() == 0


def test_one_code_is_good_for_one_thing_whatever_the_endpoint(owner):
    outcomes = at_once(every_endpoint(owner, owner.right))

    assert len(accepted(outcomes)) == 1


def test_one_backup_code_is_good_for_one_thing_whatever_the_endpoint(owner):
    outcomes = at_once(every_endpoint(owner, Proof(backup_code=owner.backup_codes[0])))

    assert len(accepted(outcomes)) == 1


def test_three_codes_of_the_window_are_good_for_three_things_at_most(owner):
    proofs = [Proof(otp_code=owner.authenticator.code(steps)) for steps in (-1, 0, 1)]

    outcomes = at_once([partial(step_up, owner.user, proof) for proof in proofs] * 5)

    assert 1 <= len(accepted(outcomes)) <= 3
    assert set(refusals(outcomes)) <= USED_ELSEWHERE
