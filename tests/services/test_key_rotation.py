"""A new key in front of the old one: nobody is locked out, and what is new is under the new key."""

import pytest

from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import SealBroken
from ninja_totp.core.errors import Unavailable
from ninja_totp.models import Account, BackupCode
from ninja_totp.services import (
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    reencrypt_totp,
    remove_authenticator,
    replace_totp,
    rotate_backup_codes,
    store_backup_codes,
    totp_keys,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.cast import Authenticator, enrolled

pytestmark = pytest.mark.django_db


def test_codes_and_backup_codes_of_before_go_on_working(owner, roll_in):
    roll_in()

    assert verify_totp_code(owner.user, owner.authenticator.code())
    assert verify_backup_code(owner.user, owner.backup_codes[0])
    assert not verify_backup_code(owner.user, owner.backup_codes[0])


def test_an_enrolment_under_way_can_be_finished(ada, clock, roll_in):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    roll_in()

    assert confirm_totp_setup(ada, phone.code())


def test_an_enrolment_that_was_finished_under_the_new_key_needs_that_alone(
    ada, clock, roll_in, drop_old
):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    roll_in()
    confirm_totp_setup(ada, phone.code())
    clock.advance(60)
    drop_old()

    assert verify_totp_code(ada, phone.code())


def test_a_new_enrolment_needs_the_new_key_alone(ada, clock, roll_in, drop_old):
    roll_in()
    owner = enrolled(ada, clock)
    clock.advance(60)
    drop_old()

    assert verify_totp_code(ada, owner.authenticator.code())
    assert verify_backup_code(ada, owner.backup_codes[0])


def test_a_new_enrolment_is_unreadable_with_the_old_key(ada, clock, roll_in, settings, old_key):
    roll_in()
    enrolled(ada, clock)
    sealed = ada.ninja_totp.authenticators.get().secret
    settings.TOTP_ENCRYPTION_KEY = old_key

    with pytest.raises(SealBroken):
        get_settings().key_ring.open(sealed, owner=str(ada.pk))


def test_new_backup_codes_are_under_the_new_key(owner, roll_in, drop_old):
    roll_in()
    rotated = rotate_backup_codes(owner.user)
    drop_old()

    assert verify_backup_code(owner.user, rotated[0])


def test_the_hash_that_an_account_keeps_moves_along(owner, roll_in, drop_old):
    stored = owner.user.password
    roll_in()
    reencrypt_totp()
    drop_old()

    account = Account.objects.get(pk=owner.user.pk)
    sealed = account.known_password
    assert get_settings().key_ring.open(sealed, owner=str(account.pk)) == stored


@pytest.mark.parametrize("kept", ["", "gAAAAA no seal"])
def test_an_account_that_keeps_none_that_opens_is_moved_all_the_same(owner, roll_in, kept):
    Account.objects.filter(pk=owner.user.pk).update(known_password=kept)
    roll_in()

    assert reencrypt_totp().secrets == 1
    assert Account.objects.get(pk=owner.user.pk).known_password == ""


def test_rows_say_which_key_they_need(owner, clock, roll_in):
    old = owner.totp.key_id
    roll_in()
    new = get_settings().key_ring.current_key_id

    store_backup_codes(owner.user, ["a new one"])
    assert (owner.totp.key_id, BackupCode.objects.get().key_id) == (old, new)
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    confirm_totp_setup(owner.user, phone.code())
    assert owner.totp.key_id == new


def test_what_was_begun_under_the_old_key_is_confirmed_under_the_new_one(owner, clock, roll_in):
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    roll_in()

    confirm_totp_setup(owner.user, phone.code())

    assert owner.totp.key_id == get_settings().key_ring.current_key_id


def test_a_factor_that_was_switched_off_needs_no_key(owner):
    disable_totp(owner.user)

    assert not any(key.is_needed for key in totp_keys())


def test_a_key_that_was_dropped_too_early_lets_nobody_in(owner, roll_in, drop_old):
    roll_in()
    drop_old()
    before = owner.rows

    with pytest.raises(Unavailable):
        verify_totp_code(owner.user, owner.authenticator.code())
    with pytest.raises(Unavailable):
        owner.log_in(otp_codes=owner.authenticator.pair())
    with pytest.raises(Unavailable):
        disable_totp(owner.user, authority=owner.right)

    assert before == owner.rows[:12]


def test_a_key_that_was_dropped_too_early_takes_no_backup_code(owner, drop_old):
    drop_old()

    assert not verify_backup_code(owner.user, owner.backup_codes[0])


def test_the_key_can_be_put_back(owner, roll_in, drop_old):
    drop_old()
    with pytest.raises(Unavailable):
        verify_totp_code(owner.user, owner.authenticator.code())

    roll_in()

    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_a_broken_seal_is_logged_without_data(owner, drop_old, caplog):
    drop_old()

    with pytest.raises(Unavailable):
        verify_totp_code(owner.user, owner.authenticator.code())

    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage() == (
        f"No key of TOTP_ENCRYPTION_KEY opens the secret of user {owner.user.pk}."
    )


def test_what_an_account_keeps_needs_no_key_of_an_authenticator_that_is_gone(
    owner, roll_in, drop_old
):
    first = owner.totp
    roll_in()
    owner.with_another()
    remove_authenticator(owner.user, first.pk)
    reencrypt_totp()
    assert totp_keys()[1].may_be_dropped

    drop_old()

    kept = get_settings().key_ring.open(owner.account.known_password, owner=str(owner.user.pk))
    assert kept == owner.user.password
