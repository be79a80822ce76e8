"""From django-two-factor-auth: devices that its own set-up form saved."""

import time

import pytest
from django_otp.oath import totp as code_for
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex
from two_factor.forms import TOTPDeviceForm
from two_factor.plugins.phonenumber.models import PhoneDevice

from ninja_totp.services import list_authenticators, verify_backup_code, verify_totp_code
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def code_there(device, **options):
    token = code_for(device.bin_key, device.step, device.t0, device.digits, **options)
    return f"{token:0{device.digits}}"


def set_up_there(user):
    key = random_hex()
    digits = TOTPDeviceForm(key, user).digits
    token = code_for(bytes.fromhex(key), digits=digits)
    form = TOTPDeviceForm(key, user, data={"token": f"{token:0{digits}}"})
    assert form.is_valid(), form.errors
    return form.save()


def test_the_old_authenticator_works(ada):
    device = set_up_there(ada)

    run = import_totp("two_factor")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, code_there(device))


def test_a_code_that_was_used_there_is_used_here(ada):
    device = set_up_there(ada)
    code = code_there(device)
    assert device.verify_token(code)

    import_totp("two_factor")

    assert not verify_totp_code(ada, code)


def test_the_default_device_is_taken_before_a_newer_one(ada, settings):
    settings.TOTP_MAX_AUTHENTICATORS = 1
    device = set_up_there(ada)
    other = TOTPDevice.objects.create(user=ada, name="tablet", last_t=int(time.time()) // 30)

    run = import_totp("two_factor")

    assert f"TOTPDevice {other.pk}: a user can have 1 here" in run.notes
    assert [one.name for one in list_authenticators(ada)] == ["Authenticator app"]
    assert verify_totp_code(ada, code_there(device))


def test_backup_tokens_work_once_as_they_are_printed(ada):
    set_up_there(ada)
    device = ada.staticdevice_set.create(name="backup")
    tokens = [StaticToken.random_token() for _ in range(10)]
    for token in tokens:
        device.token_set.create(token=token)

    import_totp("two_factor")

    assert [verify_backup_code(ada, token) for token in tokens] == [True] * 10
    assert not verify_backup_code(ada, tokens[0])


def test_phones_are_reported(ada, bob):
    set_up_there(ada)
    beside = PhoneDevice.objects.create(
        user=ada, name="backup", number="+31101234567", method="sms"
    )
    alone = PhoneDevice.objects.create(
        user=bob, name="default", number="+31101234568", method="call"
    )

    run = import_totp("two_factor")

    assert (run.exit_code, run.users) == (3, {"imported": 1, "refused": 1})
    assert f"PhoneDevice {beside.pk}: no authenticator app" in run.notes
    assert f"no TOTPDevice, only PhoneDevice {alone.pk}" in run.notes
