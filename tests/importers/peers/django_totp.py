"""From django-totp: what its own functions wrote is read, and its users log in as before."""

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django_totp.backup_code_utils import verify_backup_code as redeem_there
from django_totp.encryption import decrypt, encrypt
from django_totp.models import Totp as TotpThere
from django_totp.totp import confirm_totp_setup, create_totp_setup

from ninja_totp.models import Authenticator, BackupCode
from ninja_totp.services import (
    Proof,
    begin_login,
    complete_login,
    is_totp_enabled,
    verify_backup_code,
    verify_totp_code,
)
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def enrol_there(user):
    create_totp_setup(user)
    secret = decrypt(TotpThere.objects.get(user=user).secret_key)
    return secret, confirm_totp_setup(user, pyotp.TOTP(secret).now())


def test_the_old_authenticator_works(ada):
    secret, _ = enrol_there(ada)

    run = import_totp("django_totp")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).now())


def test_a_code_from_before_the_present_half_minute_is_used_up(ada):
    secret, _ = enrol_there(ada)
    totp = pyotp.TOTP(secret)
    import_totp("django_totp")

    last_step = Authenticator.objects.get(account=ada.pk).last_step

    assert last_step >= totp.timecode(TotpThere.objects.get().created_at) - 1
    assert not verify_totp_code(ada, totp.generate_otp(last_step))


def test_unused_backup_codes_work_once_as_they_are_printed(ada):
    _, codes = enrol_there(ada)

    run = import_totp("django_totp")

    assert run.report["backup_codes"] == 10
    assert [verify_backup_code(ada, code) for code in codes] == [True] * 10
    assert not verify_backup_code(ada, codes[0])


def test_a_code_that_was_used_there_is_used_here(ada):
    _, codes = enrol_there(ada)
    redeem_there(ada, codes[0])

    import_totp("django_totp")

    assert not verify_backup_code(ada, codes[0])


def test_an_enrolment_that_nobody_confirmed_stays_behind(ada):
    create_totp_setup(ada)

    run = import_totp("django_totp")

    assert (run.exit_code, run.users) == (0, {"unfinished": 1})
    assert not is_totp_enabled(ada)


def test_a_secret_of_a_lost_key_is_reported(ada, bob):
    enrol_there(ada)
    enrol_there(bob)
    TotpThere.objects.filter(user=ada).update(secret_key="gAAAAABnot-of-this-key")

    run = import_totp("django_totp")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert "no key of TOTP_ENCRYPTION_KEY decrypts its secret" in run.notes


def test_backup_codes_of_a_lost_key_are_counted(ada):
    enrol_there(ada)
    TotpThere.objects.get().backup_codes.update(code="gAAAAABnot-of-this-key")

    run = import_totp("django_totp")

    assert run.users == {"imported": 1}
    assert "10 backup codes that no key decrypts" in run.notes


def test_what_is_used_there_between_two_runs_is_used_here(ada):
    _, codes = enrol_there(ada)
    import_totp("django_totp")
    redeem_there(ada, codes[0])

    run = import_totp("django_totp")

    assert run.users == {"updated": 1}
    assert BackupCode.objects.filter(used_at=None).count() == 9
    assert not verify_backup_code(ada, codes[0])


def test_secret_and_codes_are_sealed_anew(ada):
    secret, codes = enrol_there(ada)
    theirs = TotpThere.objects.get()

    import_totp("django_totp")

    stored = [*Authenticator.objects.values_list("secret", flat=True)]
    stored += BackupCode.objects.values_list("ciphertext", flat=True)
    assert theirs.secret_key not in stored
    assert not {secret, *codes} & set(stored)


@pytest.fixture
def thousand(django_user_model):
    """A thousand users with a secret and ten backup codes each, as {user: secret}."""
    users = django_user_model.objects.bulk_create(
        django_user_model(username=f"user{number}", password=make_password("password"))
        for number in range(1000)
    )
    secrets = {user: pyotp.random_base32() for user in users}
    enrol_there(users[0])
    theirs = TotpThere.objects.get()
    codes = list(theirs.backup_codes.all())
    theirs.delete()
    rows = TotpThere.objects.bulk_create(
        TotpThere(user=user, secret_key=encrypt(secret)) for user, secret in secrets.items()
    )
    code_model = type(codes[0])
    code_model.objects.bulk_create(
        code_model(totp=row, code=code.code) for row in rows for code in codes
    )
    return secrets


def test_a_thousand_users_take_few_queries(thousand, django_assert_max_num_queries):
    with django_assert_max_num_queries(120):
        run = import_totp("django_totp", batch=500)

    assert run.users == {"imported": 1000}
    assert run.report["backup_codes"] == 10_000


def test_each_of_a_thousand_users_logs_in_with_the_old_authenticator(thousand):
    import_totp("django_totp")
    import_totp("django_totp")

    for user, secret in thousand.items():
        first_step = begin_login(HttpRequest(), username=user.username, password="password")
        proof = Proof(otp_code=pyotp.TOTP(secret).now())
        assert complete_login(first_step.challenge_token, proof).user == user
