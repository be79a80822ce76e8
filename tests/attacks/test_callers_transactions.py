"""A guess inside a transaction of the project's: what it cost could be undone (SECURITY, N3)."""

import pytest
from django.db import transaction

from ninja_totp import services
from ninja_totp.services import Proof
from ninja_totp.transactions import CalledInTransaction
from tests.support.cast import NEW_PASSWORD, PASSWORD, ada, owner

__all__ = ["ada", "owner"]

pytestmark = pytest.mark.django_db(transaction=True)

JUDGING = {
    "second step": lambda owner, proof: services.complete_login(owner.open_challenge(), proof),
    "step-up": lambda owner, proof: services.step_up(owner.user, proof),
    "disable": lambda owner, proof: services.disable_totp(owner.user, authority=proof),
    "rotate": lambda owner, proof: services.rotate_backup_codes(owner.user, authority=proof),
    "replace": lambda owner, proof: services.replace_totp(owner.user, authority=proof),
    "code": lambda owner, proof: services.verify_totp_code(owner.user, proof.otp_code),
    "backup code": lambda owner, proof: services.verify_backup_code(
        owner.user, owner.backup_codes[0]
    ),
}


@pytest.mark.parametrize("judge", JUDGING.values(), ids=JUDGING)
@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_no_code_is_looked_at_where_the_charge_could_be_undone(owner, judge, is_right):
    proof = owner.right if is_right else owner.wrong
    before = owner.rows[:-1]

    with pytest.raises(CalledInTransaction, match="non_atomic_requests"), transaction.atomic():
        judge(owner, proof)

    assert [row for row in before if row not in owner.rows] == []


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_nor_a_code_of_a_pending_secret(owner, is_right):
    services.replace_totp(owner.user)
    code = owner.authenticator.code()

    with pytest.raises(CalledInTransaction), transaction.atomic():
        services.confirm_totp_setup(owner.user, code if is_right else "000000")

    assert owner.pending.failures == 0


def test_nor_the_password_behind_a_recovery_link(owner):
    link = services.generate_recovery_link(owner.user)

    with pytest.raises(CalledInTransaction), transaction.atomic():
        services.confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert owner.account.is_enabled


def test_three_hundred_guesses_of_a_view_that_undoes_them_gain_nothing(owner):
    for _ in range(300):
        with pytest.raises(CalledInTransaction), transaction.atomic():
            services.step_up(owner.user, Proof(otp_code=owner.authenticator.code()))

    assert services.verify_totp_code(owner.user, owner.authenticator.code())


@pytest.mark.django_db(transaction=False)
def test_the_transactions_of_a_test_case_do_not_count(owner):
    assert services.verify_totp_code(owner.user, owner.authenticator.code())
