"""From django-allauth: authenticators and recovery codes that its own classes made."""

import pyotp
import pytest
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from django.utils import timezone

from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db

FERNET = Fernet(Fernet.generate_key())


class EncryptingAdapter(DefaultMFAAdapter):
    """What allauth's documentation suggests to projects."""

    def encrypt(self, text):
        return FERNET.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return FERNET.decrypt(encrypted_text.encode()).decode()


@pytest.fixture(params=["plain", "encrypted"])
def adapter(request, settings):
    if request.param == "encrypted":
        settings.MFA_ADAPTER = f"{__name__}.EncryptingAdapter"


def activate_there(user):
    secret = generate_totp_secret()
    return secret, TOTP.activate(user, secret)


def test_the_old_authenticator_works(ada, adapter, two_minutes_pass):
    secret, _ = activate_there(ada)

    run = import_totp("allauth_mfa")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).at(two_minutes_pass()))


def test_digits_and_period_are_those_of_the_project(ada, settings, two_minutes_pass):
    settings.MFA_TOTP_DIGITS, settings.MFA_TOTP_PERIOD = 8, 60
    secret, _ = activate_there(ada)

    import_totp("allauth_mfa")

    code = pyotp.TOTP(secret, digits=8, interval=60).at(two_minutes_pass())
    assert verify_totp_code(ada, code)


def test_a_code_that_was_used_there_is_used_here(ada):
    secret, there = activate_there(ada)
    Authenticator.objects.update(created_at=timezone.now() - timezone.timedelta(days=1))
    code = pyotp.TOTP(secret).now()
    assert there.validate_code(code)
    there.instance.record_usage()

    import_totp("allauth_mfa")

    assert not verify_totp_code(ada, code)


def test_an_authenticator_that_was_not_used_today_works_at_once(ada):
    secret, _ = activate_there(ada)
    Authenticator.objects.update(created_at=timezone.now() - timezone.timedelta(days=1))

    import_totp("allauth_mfa")

    assert verify_totp_code(ada, pyotp.TOTP(secret).now())


def test_unused_recovery_codes_work_once_as_they_are_printed(ada, adapter):
    activate_there(ada)
    there = RecoveryCodes.activate(ada)
    codes = there.generate_codes()
    assert there.validate_code(codes[3])

    run = import_totp("allauth_mfa")

    assert run.report["backup_codes"] == 9
    assert verify_backup_code(ada, codes[0])
    assert not verify_backup_code(ada, codes[0])
    assert not verify_backup_code(ada, codes[3])
    assert all(verify_backup_code(ada, code) for code in codes[4:])


def test_number_and_length_of_recovery_codes_are_those_of_the_project(ada, settings):
    settings.MFA_RECOVERY_CODE_COUNT, settings.MFA_RECOVERY_CODE_DIGITS = 5, 12
    activate_there(ada)
    codes = RecoveryCodes.activate(ada).generate_codes()

    run = import_totp("allauth_mfa")

    assert run.report["backup_codes"] == 5
    assert verify_backup_code(ada, codes[4])


def test_recovery_codes_that_allauth_took_over_from_elsewhere_come_along(ada):
    activate_there(ada)
    Authenticator.objects.create(
        user=ada, type="recovery_codes", data={"migrated_codes": ["abc-def", "ghi-jkl"]}
    )

    import_totp("allauth_mfa")

    assert verify_backup_code(ada, "ghi-jkl")


def test_a_recovery_code_used_there_between_two_runs_is_used_here(ada):
    activate_there(ada)
    there = RecoveryCodes.activate(ada)
    codes = there.generate_codes()
    import_totp("allauth_mfa")
    assert there.validate_code(codes[0])

    run = import_totp("allauth_mfa")

    assert run.users == {"updated": 1}
    assert not verify_backup_code(ada, codes[0])


def test_what_the_adapter_cannot_decrypt_is_reported(ada, bob, settings):
    activate_there(ada)
    RecoveryCodes.activate(ada)
    settings.MFA_ADAPTER = f"{__name__}.EncryptingAdapter"
    activate_there(bob)
    RecoveryCodes.activate(bob)
    Authenticator.objects.filter(user=bob, type="recovery_codes").update(data={"seed": "?"})

    run = import_totp("allauth_mfa")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert "MFA_ADAPTER does not decrypt its secret" in run.notes
    assert "recovery codes that MFA_ADAPTER does not decrypt" in run.notes


def test_security_keys_are_reported(ada, bob):
    activate_there(ada)
    for user in (ada, bob):
        Authenticator.objects.create(user=user, type="webauthn", data={"name": "key"})

    run = import_totp("allauth_mfa")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert "webauthn: no authenticator app" in run.notes
    assert "no authenticator app, only webauthn" in run.notes
