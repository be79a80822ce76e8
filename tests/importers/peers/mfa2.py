"""From django-mfa2: keys that its own views made."""

import json

import pyotp
import pytest
from django.test import RequestFactory
from mfa import recovery, totp
from mfa.models import User_Keys

from ninja_totp.services import verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def request_of(user, **query):
    request = RequestFactory().get("/", query)
    request.user, request.session = user, {}
    return request


def enrol_there(user):
    # What the view before this one does; that one does not work with pyotp 2.12.
    secret = pyotp.random_base32()
    answer = pyotp.TOTP(secret).now()
    response = totp.verify(request_of(user, answer=answer, key=secret))
    assert response.content == b"Success"
    return secret


def recovery_codes_there(user):
    return json.loads(recovery.genTokens(request_of(user)).content)["keys"]


def test_the_old_authenticator_works(ada, two_minutes_pass):
    secret = enrol_there(ada)

    run = import_totp("mfa2")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, pyotp.TOTP(secret).at(two_minutes_pass()))


def test_a_code_that_was_used_there_is_used_here(ada):
    secret = enrol_there(ada)
    code = pyotp.TOTP(secret).now()
    assert totp.verify_login(None, "ada", code)[0]

    import_totp("mfa2")

    assert not verify_totp_code(ada, code)


def test_hashed_recovery_codes_are_reported_and_do_not_work(ada):
    enrol_there(ada)
    codes = recovery_codes_there(ada)
    assert recovery.verify_login(None, "ada", codes[1])[0]

    run = import_totp("mfa2")

    assert run.report["need_backup_codes"] == [str(ada.pk)]
    assert run.notes == "4 backup codes stored as a hash alone"
    assert not verify_backup_code(ada, codes[0])


def test_all_keys_come_along(ada, two_minutes_pass):
    used, unused = enrol_there(ada), enrol_there(ada)
    assert totp.verify_login(None, "ada", pyotp.TOTP(used).now())[0]

    run = import_totp("mfa2")

    assert run.notes == ""
    at = two_minutes_pass()
    assert verify_totp_code(ada, pyotp.TOTP(unused).at(at))
    assert verify_totp_code(ada, pyotp.TOTP(used).at(at))


def test_a_key_that_is_switched_off_stays_behind(ada):
    enrol_there(ada)
    User_Keys.objects.update(enabled=False)

    run = import_totp("mfa2")

    assert (run.exit_code, run.users) == (0, {})


def test_keys_of_nobody_are_reported(ada, bob):
    enrol_there(ada)
    enrol_there(bob)
    key = User_Keys.objects.get(username="ada")
    ada.username = "augusta"
    ada.save()

    run = import_totp("mfa2")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert run.notes == f"User_Keys row {key.pk} names no user"


def test_who_has_no_authenticator_app_is_reported(ada, bob):
    recovery_codes_there(ada)
    User_Keys.objects.create(username="bob", key_type="FIDO2", properties={})

    run = import_totp("mfa2")

    assert (run.exit_code, run.users) == (3, {"refused": 2})
    assert "no authenticator app, only RECOVERY" in run.notes
    assert "no authenticator app, only FIDO2" in run.notes


def test_other_keys_beside_an_authenticator_are_reported(ada):
    enrol_there(ada)
    key = User_Keys.objects.create(username="ada", key_type="FIDO2", properties={})

    run = import_totp("mfa2")

    assert run.notes == f"FIDO2 {key.pk}: no authenticator app"
