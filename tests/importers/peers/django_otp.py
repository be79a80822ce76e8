"""From django-otp: its own devices made, verified and drifted, then read and used here."""

import base64
import time

import pyotp
import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_email.models import EmailDevice
from django_otp.plugins.otp_hotp.models import HOTPDevice
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from ninja_totp.models import Authenticator
from ninja_totp.services import (
    is_totp_enabled,
    list_authenticators,
    verify_backup_code,
    verify_totp_code,
)
from tests.importers.conftest import import_totp

pytestmark = pytest.mark.django_db


def code_there(device, *, steps_off=0, at=None):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, steps_off)
    totp.time = at or time.time()
    return f"{totp.token():0{device.digits}}"


def static_tokens(user, *, count=3, confirmed=True):
    device = StaticDevice.objects.create(user=user, name="backup", confirmed=confirmed)
    tokens = [StaticToken.random_token() for _ in range(count)]
    for token in tokens:
        device.token_set.create(token=token)
    return device, tokens


def test_the_old_authenticator_works(ada):
    device = TOTPDevice.objects.create(user=ada, name="phone")

    run = import_totp("django_otp")

    assert run.users == {"imported": 1}
    assert verify_totp_code(ada, code_there(device))


@pytest.mark.parametrize(("digits", "step"), [(6, 30), (8, 30), (6, 60), (8, 15)])
def test_digits_and_step_come_along(ada, digits, step):
    device = TOTPDevice.objects.create(user=ada, name="token", digits=digits, step=step)

    import_totp("django_otp")

    assert verify_totp_code(ada, code_there(device))


def test_a_code_that_was_used_there_is_used_here(ada):
    device = TOTPDevice.objects.create(user=ada, name="phone")
    code = code_there(device)
    assert device.verify_token(code)

    import_totp("django_otp")

    assert Authenticator.objects.get().last_step == device.last_t
    assert not verify_totp_code(ada, code)


def test_the_next_code_works_after_one_was_used_there(ada, two_minutes_pass):
    device = TOTPDevice.objects.create(user=ada, name="phone")
    assert device.verify_token(code_there(device))

    import_totp("django_otp")

    assert verify_totp_code(ada, code_there(device, at=two_minutes_pass()))


def test_a_clock_that_django_otp_learned_to_be_off_is_still_followed(ada, two_minutes_pass):
    device = TOTPDevice.objects.create(user=ada, name="token")
    assert device.verify_token(code_there(device, steps_off=-1))
    assert device.drift == -1

    import_totp("django_otp")

    assert Authenticator.objects.get().window == 2
    assert verify_totp_code(ada, code_there(device, steps_off=-2, at=two_minutes_pass()))


def test_a_clock_that_is_too_far_off_is_reported(ada):
    TOTPDevice.objects.create(user=ada, name="token", drift=5)

    run = import_totp("django_otp")

    assert run.users == {"imported": 1}
    assert Authenticator.objects.get().window == 2
    assert "codes 6 steps off (tolerance and drift); here 2 are the most" in run.notes
    assert "a clock 150 seconds fast: its codes are wrong until it is set" in run.notes


def test_a_device_less_tolerant_than_the_site_gets_the_window_of_the_site(ada):
    TOTPDevice.objects.create(user=ada, name="phone", tolerance=0)

    import_totp("django_otp")

    assert Authenticator.objects.get().window is None


def test_static_tokens_work_once_as_they_are_printed(ada):
    TOTPDevice.objects.create(user=ada, name="phone")
    device, tokens = static_tokens(ada)
    assert device.verify_token(tokens[0])

    run = import_totp("django_otp")

    assert run.report["backup_codes"] == 2
    assert [verify_backup_code(ada, token) for token in tokens] == [False, True, True]
    assert not verify_backup_code(ada, tokens[1])


def test_a_static_token_that_anybody_guesses_is_reported(ada):
    TOTPDevice.objects.create(user=ada, name="phone")
    StaticDevice.objects.create(user=ada, name="backup").token_set.create(token="42")

    run = import_totp("django_otp")

    assert "1 backup code shorter than 6 or not typeable" in run.notes
    assert not verify_backup_code(ada, "42")


def test_tokens_of_an_unconfirmed_device_stay_behind(ada):
    TOTPDevice.objects.create(user=ada, name="phone")
    static_tokens(ada, confirmed=False)

    run = import_totp("django_otp")

    assert run.report["backup_codes"] == 0


def test_all_devices_come_along_with_their_names(ada):
    phone = TOTPDevice.objects.create(user=ada, name="phone")
    tablet = TOTPDevice.objects.create(user=ada, name="  old\ttablet ")
    used = code_there(phone)
    assert phone.verify_token(used)

    run = import_totp("django_otp")

    assert (run.exit_code, run.notes) == (0, "")
    assert {one.name for one in list_authenticators(ada)} == {"phone", "old tablet"}
    assert not verify_totp_code(ada, used)
    assert verify_totp_code(ada, code_there(tablet))


def test_of_more_than_a_user_can_have_those_are_taken_that_were_used_last(ada, settings):
    settings.TOTP_MAX_AUTHENTICATORS = 2
    used = TOTPDevice.objects.create(user=ada, name="used")
    oldest = TOTPDevice.objects.create(user=ada, name="oldest")
    TOTPDevice.objects.create(user=ada, name="newest")
    assert used.verify_token(code_there(used, steps_off=-1))

    run = import_totp("django_otp")

    assert run.notes == f"TOTPDevice {oldest.pk}: a user can have 2 here (TOTP_MAX_AUTHENTICATORS)"
    assert {one.name for one in list_authenticators(ada)} == {"used", "newest"}
    assert verify_totp_code(ada, code_there(used))


def test_a_device_that_can_come_along_is_taken_beside_one_that_cannot(ada):
    usable = TOTPDevice.objects.create(user=ada, name="old phone")
    TOTPDevice.objects.create(user=ada, name="new phone", step=300)

    run = import_totp("django_otp")

    assert "period_seconds must be from 15 to 120" in run.notes
    assert verify_totp_code(ada, code_there(usable))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"digits": 7}, "digits must be 6 or 8"),
        ({"step": 10}, "period_seconds must be from 15 to 120"),
        ({"t0": 1_700_000_000}, "it counts from another moment than 1970 (t0)"),
        ({"key": "0" * 20}, "its secret is no base32 of at least 112 bits (it has 80 bits)"),
        ({"key": "not hexadecimal"}, "its key is not hexadecimal"),
    ],
)
def test_a_device_out_of_bounds_is_reported(ada, columns, reason):
    TOTPDevice.objects.create(user=ada, name="phone", **columns)

    run = import_totp("django_otp")

    assert (run.exit_code, run.users) == (3, {"refused": 1})
    assert reason in run.notes
    assert not is_totp_enabled(ada)


def test_an_unconfirmed_device_stays_behind(ada):
    TOTPDevice.objects.create(user=ada, name="phone", confirmed=False)

    run = import_totp("django_otp")

    assert (run.exit_code, run.users) == (0, {"unfinished": 1})
    assert not is_totp_enabled(ada)


def test_who_has_no_authenticator_app_is_reported(ada, bob):
    hotp = HOTPDevice.objects.create(user=ada, name="counter")
    static, _ = static_tokens(bob)

    run = import_totp("django_otp")

    assert (run.exit_code, run.users) == (3, {"refused": 2})
    assert f"no TOTPDevice, only HOTPDevice {hotp.pk}" in run.notes
    assert f"no TOTPDevice, only StaticDevice {static.pk}" in run.notes


def test_other_devices_beside_an_authenticator_are_reported(ada):
    TOTPDevice.objects.create(user=ada, name="phone")
    email = EmailDevice.objects.create(user=ada, name="e-mail")
    static_tokens(ada)

    run = import_totp("django_otp")

    assert run.users == {"imported": 1}
    assert run.notes == f"EmailDevice {email.pk}: no authenticator app"


def test_a_token_that_is_used_there_between_two_runs_is_used_here(ada):
    TOTPDevice.objects.create(user=ada, name="phone")
    device, tokens = static_tokens(ada)
    import_totp("django_otp")
    assert device.verify_token(tokens[0])

    run = import_totp("django_otp")

    assert run.users == {"updated": 1}
    assert not verify_backup_code(ada, tokens[0])


def test_a_code_that_is_used_there_between_two_runs_is_used_here(ada):
    device = TOTPDevice.objects.create(user=ada, name="phone")
    import_totp("django_otp")
    code = code_there(device)
    assert device.verify_token(code)

    run = import_totp("django_otp")

    assert run.users == {"updated": 1}
    assert not verify_totp_code(ada, code)


def test_the_secret_is_the_same(ada):
    device = TOTPDevice.objects.create(user=ada, name="phone")
    secret = base64.b32encode(device.bin_key).decode()

    import_totp("django_otp")

    assert verify_totp_code(ada, pyotp.TOTP(secret).now())
