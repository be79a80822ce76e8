"""From django-mfa3: keys that its own methods registered."""

import time

import pyotp
import pytest
from mfa.methods import recovery, totp
from mfa.models import MFAKey

from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def enrol_there(user):
    # What register_begin() does; that one does not work with pyotp 2.12.
    secret = pyotp.random_base32()
    state = totp.register_complete(secret, pyotp.TOTP(secret).now())
    MFAKey.objects.create(user=user, method=totp.name, name="phone", secret=state)
    return secret


def recovery_code_there(user):
    challenge, state = recovery.register_begin(user)
    state = recovery.register_complete(state, challenge["code"])
    MFAKey.objects.create(user=user, method=recovery.name, name="paper", secret=state)
    return challenge["code"]


def test_the_old_authenticator_works(ada):
    secret = enrol_there(ada)

    run = import_totp("mfa3")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).now())


def test_a_code_that_was_used_there_is_used_here(ada):
    secret = enrol_there(ada)
    code = pyotp.TOTP(secret).now()
    totp.authenticate_complete(None, ada, code)

    import_totp("mfa3")

    assert not verify_totp_code(ada, code)


def test_the_next_code_works_after_one_was_used_there(ada, two_minutes_pass):
    secret = enrol_there(ada)
    totp.authenticate_complete(None, ada, pyotp.TOTP(secret).now())

    import_totp("mfa3")

    assert verify_totp_code(ada, pyotp.TOTP(secret).at(two_minutes_pass()))


def test_hashed_recovery_codes_are_reported_and_do_not_work(ada):
    enrol_there(ada)
    used, unused = recovery_code_there(ada), recovery_code_there(ada)
    recovery.authenticate_complete(None, ada, used)

    run = import_totp("mfa3")

    assert run.report["need_backup_codes"] == [str(ada.pk)]
    assert run.notes == "1 backup code stored as a hash alone"
    assert not verify_backup_code(ada, unused)


def test_all_keys_come_along(ada):
    used, newer = enrol_there(ada), enrol_there(ada)
    before = pyotp.TOTP(used).at(int(time.time()) - 3600)
    MFAKey.objects.filter(secret=used).update(last_code=before)

    run = import_totp("mfa3")

    assert run.notes == ""
    assert verify_totp_code(ada, pyotp.TOTP(newer).now())
    assert verify_totp_code(ada, pyotp.TOTP(used).now())


def test_a_malformed_secret_is_reported(ada):
    MFAKey.objects.create(user=ada, method="TOTP", name="phone", secret="?", last_code="123456")

    run = import_totp("mfa3")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert "its secret is no base32" in run.notes


def test_security_keys_are_reported(ada, bob):
    enrol_there(ada)
    beside = MFAKey.objects.create(user=ada, method="FIDO2", name="key", secret="{}")
    alone = MFAKey.objects.create(user=bob, method="FIDO2", name="key", secret="{}")

    run = import_totp("mfa3")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert f"FIDO2 {beside.pk}: no authenticator app" in run.notes
    assert f"no authenticator app, only FIDO2 {alone.pk}" in run.notes
