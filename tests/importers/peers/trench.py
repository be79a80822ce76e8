"""From django-trench: methods that its own commands created and activated."""

import pyotp
import pytest
from trench.command import replace_mfa_method_backup_codes as replace
from trench.command.activate_mfa_method import activate_mfa_method_command
from trench.command.authenticate_second_factor import authenticate_second_step_command
from trench.command.create_mfa_method import create_mfa_method_command
from trench.models import MFAMethod
from trench.settings import trench_settings
from trench.utils import user_token_generator

from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def enrol_there(user, name="app"):
    create_mfa_method_command(user_id=user.pk, name=name)
    method = MFAMethod.objects.get(user=user, name=name)
    codes = activate_mfa_method_command(
        user_id=user.pk, name=name, code=pyotp.TOTP(method.secret).now()
    )
    return method.secret, sorted(codes)


def test_the_old_authenticator_works(ada):
    secret, _ = enrol_there(ada)

    run = import_totp("trench")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).now())


def test_the_period_is_that_of_the_method(ada, settings):
    secret, _ = enrol_there(ada)
    app = settings.TRENCH_AUTH["MFA_METHODS"]["app"]
    settings.TRENCH_AUTH = {"MFA_METHODS": {"app": {**app, "VALIDITY_PERIOD": 60}}}

    import_totp("trench")

    assert verify_totp_code(ada, pyotp.TOTP(secret, interval=60).now())


def test_a_period_out_of_bounds_is_reported(ada, settings):
    enrol_there(ada)
    settings.TRENCH_AUTH = {"MFA_METHODS": {"app": {"VALIDITY_PERIOD": 600}}}

    run = import_totp("trench")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert "period_seconds must be from 15 to 120" in run.notes


def test_hashed_backup_codes_are_reported_and_do_not_work(ada):
    _, codes = enrol_there(ada)
    token = user_token_generator.make_token(ada)
    authenticate_second_step_command(code=codes[0], ephemeral_token=token)

    run = import_totp("trench")

    assert run.report["need_backup_codes"] == [str(ada.pk)]
    assert run.notes == "4 backup codes stored as a hash alone"
    assert not verify_backup_code(ada, codes[1])


@pytest.fixture
def codes_in_plain_text(monkeypatch):
    """Have both commands that make backup codes store them as they are."""
    regenerate = replace.regenerate_backup_codes_for_mfa_method_command.__self__
    monkeypatch.setattr(regenerate, "_requires_encryption", False)


def test_backup_codes_in_plain_text_come_along_too(ada, codes_in_plain_text):
    _, codes = enrol_there(ada)

    run = import_totp("trench")

    assert trench_settings.ENCRYPT_BACKUP_CODES
    assert run.report["backup_codes"] == 5
    assert verify_backup_code(ada, codes[0])


def test_a_hash_is_never_taken_for_a_plain_code(ada, settings):
    enrol_there(ada)
    hashed = MFAMethod.objects.get().backup_codes[0]
    settings.TRENCH_AUTH = {**settings.TRENCH_AUTH, "ENCRYPT_BACKUP_CODES": False}

    import_totp("trench")

    assert not verify_backup_code(ada, hashed)


def test_codes_of_every_active_method_come_along(ada, codes_in_plain_text):
    _, of_the_app = enrol_there(ada)
    _, of_the_email = enrol_there(ada, "email")

    run = import_totp("trench")

    assert run.notes == "email: no authenticator app"
    assert verify_backup_code(ada, of_the_app[0])
    assert verify_backup_code(ada, of_the_email[0])


def test_who_has_no_authenticator_app_is_reported(ada):
    enrol_there(ada, "email")

    run = import_totp("trench")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert run.notes == "no authenticator app, only email"


def test_a_method_that_nobody_activated_stays_behind(ada):
    create_mfa_method_command(user_id=ada.pk, name="app")

    run = import_totp("trench")

    assert (run.exit_code, run.users) == (0, {"unfinished": 1})
