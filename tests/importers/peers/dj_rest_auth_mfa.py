"""From dj-rest-auth: authenticators that its own classes made."""

import pyotp
import pytest
from dj_rest_auth.mfa.models import Authenticator
from dj_rest_auth.mfa.recovery_codes import RecoveryCodes
from dj_rest_auth.mfa.totp import TOTP, generate_totp_secret
from django.utils import timezone

from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def activate_there(user, *, yesterday=True):
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user)
    if yesterday:
        Authenticator.objects.update(created_at=timezone.now() - timezone.timedelta(days=1))
    return secret, codes


def test_the_old_authenticator_works(ada):
    secret, _ = activate_there(ada)

    run = import_totp("dj_rest_auth_mfa")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).now())


def test_digits_and_period_are_those_of_the_project(ada, settings):
    settings.REST_AUTH = {"MFA_TOTP_DIGITS": 8, "MFA_TOTP_PERIOD": 60}
    secret, _ = activate_there(ada)

    import_totp("dj_rest_auth_mfa")

    assert verify_totp_code(ada, pyotp.TOTP(secret, digits=8, interval=60).now())


def test_a_code_that_was_used_there_is_used_here(ada):
    secret, _ = activate_there(ada)
    code = pyotp.TOTP(secret).now()
    assert TOTP.validate_code(ada, code)

    import_totp("dj_rest_auth_mfa")

    assert not verify_totp_code(ada, code)


def test_a_code_that_may_have_enrolled_there_is_used_here(ada, two_minutes_pass):
    secret, _ = activate_there(ada, yesterday=False)

    import_totp("dj_rest_auth_mfa")

    assert not verify_totp_code(ada, pyotp.TOTP(secret).now())
    assert verify_totp_code(ada, pyotp.TOTP(secret).at(two_minutes_pass()))


def test_unused_recovery_codes_work_once_as_they_are_printed(ada):
    _, codes = activate_there(ada)
    assert RecoveryCodes.validate_code(ada, codes[4])

    run = import_totp("dj_rest_auth_mfa")

    assert run.report["backup_codes"] == 9
    assert [verify_backup_code(ada, code) for code in codes[3:6]] == [True, False, True]
    assert not verify_backup_code(ada, codes[3])


def test_a_recovery_code_works_in_capitals_as_it_did_there(ada):
    _, codes = activate_there(ada)
    assert RecoveryCodes.validate_code(ada, codes[0].upper())

    import_totp("dj_rest_auth_mfa")

    assert verify_backup_code(ada, codes[1].upper())
    assert not verify_backup_code(ada, codes[1])


def test_a_secret_signed_with_a_lost_key_is_reported(ada, settings):
    activate_there(ada)
    settings.SECRET_KEY = "another-one-that-everybody-knows"

    run = import_totp("dj_rest_auth_mfa")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert "neither SECRET_KEY nor its fallbacks have signed its secret" in run.notes


def test_recovery_codes_without_an_authenticator_are_reported(ada):
    RecoveryCodes.activate(ada)

    run = import_totp("dj_rest_auth_mfa")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert run.notes == "no authenticator app, only recovery_codes"
