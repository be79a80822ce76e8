"""From django-mfa 4: authenticators that its own adapters made."""

import pyotp
import pytest
from django.test import RequestFactory
from django_mfa.adapters.recovery_codes import RecoveryCodesAdapter
from django_mfa.adapters.totp import TOTPAdapter, generate_secret
from django_mfa.models import Authenticator

from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().post("/")
    request.user = user
    return request


def enrol_there(user):
    secret = generate_secret()
    data = {"secret_key": secret, "code": pyotp.TOTP(secret).now()}
    TOTPAdapter().complete_enroll(request_of(user), data)
    return secret


def verify_there(user, code, adapter=TOTPAdapter):
    return adapter().complete_verify(request_of(user), user, {"code": code})


@pytest.mark.parametrize("keys", [None, ["newest key", "older key"]])
def test_the_old_authenticator_works(ada, settings, keys):
    settings.MFA_SECRET_ENCRYPTION_KEYS = keys
    secret = enrol_there(ada)

    run = import_totp("django_mfa")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).now())


def test_a_code_that_was_used_there_is_used_here(ada):
    secret = enrol_there(ada)
    code = pyotp.TOTP(secret).now()
    assert verify_there(ada, code)

    import_totp("django_mfa")

    assert not verify_totp_code(ada, code)


def test_hashed_recovery_codes_are_reported_and_do_not_work(ada):
    enrol_there(ada)
    codes = RecoveryCodesAdapter().generate(ada)
    assert verify_there(ada, codes[2], RecoveryCodesAdapter)

    run = import_totp("django_mfa")

    assert run.report["need_backup_codes"] == [str(ada.pk)]
    assert run.notes == "9 backup codes stored as a hash alone"
    assert not verify_backup_code(ada, codes[1])


def test_recovery_codes_from_before_version_4_are_in_plain_text(ada):
    enrol_there(ada)
    data = {"codes": ["abcdefghij", "klmnopqrst"], "used": [0], "migrated_plaintext": True}
    Authenticator.objects.create(user=ada, type="recovery_codes", data=data)

    run = import_totp("django_mfa")

    assert run.report["backup_codes"] == 1
    assert verify_backup_code(ada, "klmnopqrst")
    assert not verify_backup_code(ada, "abcdefghij")


def test_a_secret_of_a_lost_key_is_reported(ada, settings):
    settings.MFA_SECRET_ENCRYPTION_KEYS = ["lost"]
    enrol_there(ada)
    settings.MFA_SECRET_ENCRYPTION_KEYS = ["found"]

    run = import_totp("django_mfa")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert "no key of MFA_SECRET_ENCRYPTION_KEYS opens its secret" in run.notes


def test_the_short_secrets_of_its_older_versions_are_reported(ada):
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})

    run = import_totp("django_mfa")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert "at least 112 bits (it has 80 bits)" in run.notes


def test_security_keys_and_emailed_codes_are_reported(ada, bob):
    enrol_there(ada)
    Authenticator.objects.create(user=ada, type="email", data={})
    Authenticator.objects.create(user=bob, type="webauthn", data={})

    run = import_totp("django_mfa")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert "email: no authenticator app" in run.notes
    assert "no authenticator app, only webauthn" in run.notes
