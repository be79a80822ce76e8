"""From drf-totp: what its own services wrote, with secrets in plain text and encrypted."""

import pyotp
import pytest
from drf_totp import services as there
from drf_totp.models import TOTPAuth

from ninja_totp.services import is_totp_enabled, verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def enrol_there(user):
    auth, secret, _ = there.setup_totp(user)
    there.confirm_totp(auth, there.build_totp(secret).now())
    return secret, there.generate_backup_codes(auth)


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_the_old_authenticator_works(ada, settings, two_minutes_pass, is_encrypted):
    key = settings.TOTP_ENCRYPTION_KEY
    settings.TOTP_ENCRYPTION_KEY = key if is_encrypted else None
    secret, _ = enrol_there(ada)
    settings.TOTP_ENCRYPTION_KEY = key

    run = import_totp("drf_totp")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).at(two_minutes_pass()))


def test_digits_and_period_are_those_of_the_project(ada, settings, two_minutes_pass):
    settings.TOTP_DIGITS, settings.TOTP_PERIOD = 8, 60
    secret, _ = enrol_there(ada)

    import_totp("drf_totp")

    code = pyotp.TOTP(secret, digits=8, interval=60).at(two_minutes_pass())
    assert verify_totp_code(ada, code)


def test_the_code_that_confirmed_there_is_used_here(ada):
    auth, secret, _ = there.setup_totp(ada)
    code = pyotp.TOTP(secret).now()
    there.confirm_totp(auth, code)

    import_totp("drf_totp")

    assert not verify_totp_code(ada, code)


def test_hashed_backup_codes_are_reported_and_do_not_work(ada):
    _, codes = enrol_there(ada)
    assert there.use_backup_code(TOTPAuth.objects.get(), codes[0])

    run = import_totp("drf_totp")

    assert run.report["need_backup_codes"] == [str(ada.pk)]
    assert run.notes == "9 backup codes stored as a hash alone"
    assert not verify_backup_code(ada, codes[1])


def test_an_enrolment_that_nobody_confirmed_stays_behind(ada):
    there.setup_totp(ada)

    run = import_totp("drf_totp")

    assert (run.exit_code, run.users) == (0, {"unfinished": 1})
    assert not is_totp_enabled(ada)


def test_a_factor_that_was_disabled_stays_behind(ada):
    enrol_there(ada)
    there.disable_totp(TOTPAuth.objects.get())

    run = import_totp("drf_totp")

    assert run.users == {"unfinished": 1}


def test_one_secret_of_a_lost_key_stops_nobody_else(ada, bob, settings):
    key = settings.TOTP_ENCRYPTION_KEY
    settings.TOTP_ENCRYPTION_KEY = "YW5vdGhlci1vbmUta25vd24tdG8tZXZlcnlib2R5ISE="
    enrol_there(ada)
    settings.TOTP_ENCRYPTION_KEY = key
    enrol_there(bob)

    run = import_totp("drf_totp")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert "no key of TOTP_ENCRYPTION_KEY decrypts its secret" in run.notes
