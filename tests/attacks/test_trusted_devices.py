"""Attacks on trusted devices. Whoever tries has the password; the code is what they lack."""

import pytest
from django.core.signing import Signer

from ninja_totp.models import Event, TrustedDevice
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD

DAY = 86_400
NEW_PASSWORD = "another battery staple"


@pytest.fixture(autouse=True)
def thirty_days(settings):
    """The site trusts devices for thirty days."""
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * DAY


def trusted(person):
    """Have a device trusted and return its token."""
    answer = person.answer_challenge(
        person.challenge(), otp_code=person.next_code(), trust_device="laptop"
    )
    return answer.json["trusted_device_token"]


def log_in(person, token):
    """The answer to the first step with a token."""
    return person.give_password(trusted_device_token=token)


def is_let_in(person, token):
    answer = log_in(person, token)
    assert answer.status == 200
    assert ("access" in answer.json) != ("totp_challenge_token" in answer.json)
    return "access" in answer.json


def test_a_token_works_once(ada):
    token = trusted(ada)

    assert is_let_in(ada, token)
    assert not is_let_in(ada, token)


def test_a_stolen_token_that_comes_second_ends_the_trust(ada):
    stolen = trusted(ada)
    owners = log_in(ada, stolen).json["trusted_device_token"]

    assert not is_let_in(ada, stolen)
    assert not is_let_in(ada, owners)
    assert Event.objects.latest("pk").type == "device_reused"


def test_a_thief_who_is_first_is_found_out_by_the_owner(ada):
    token = trusted(ada)
    thiefs = log_in(ada, token).json["trusted_device_token"]

    assert not is_let_in(ada, token)  # the owner, who is asked for a code
    assert not is_let_in(ada, thiefs)


def test_the_token_of_another_user_is_of_no_use_and_comes_to_no_harm(ada, mallory):
    token = trusted(ada)

    assert not is_let_in(mallory, token)
    assert is_let_in(ada, token)


def test_a_token_without_the_password_is_nothing(ada):
    token = trusted(ada)

    answer = ada.give_password(trusted_device_token=token, password="guessed")

    assert answer.status == 401
    assert is_let_in(ada, token)


def test_a_new_password_ends_the_trust(ada):
    token = trusted(ada)
    ada.user.refresh_from_db()
    ada.user.set_password(NEW_PASSWORD)
    ada.user.save()

    answer = ada.give_password(trusted_device_token=token, password=NEW_PASSWORD)

    assert answer.json["is_totp_enabled"] is True
    assert "access" not in answer.json


def test_the_old_password_that_comes_back_under_another_salt_does_not_revive_it(ada):
    token = trusted(ada)
    ada.user.refresh_from_db()
    ada.user.set_password(PASSWORD)
    ada.user.save()

    assert not is_let_in(ada, token)


def test_a_token_whose_trust_has_ended_is_not_reported_as_a_copy(ada):
    token = trusted(ada)
    ada.clock.advance(31 * DAY)

    assert not is_let_in(ada, token)
    assert TrustedDevice.objects.exists()
    assert not Event.objects.filter(type=Event.Type.DEVICE_REUSED).exists()


def test_another_authenticator_ends_the_trust(ada):
    token = trusted(ada)
    credential = ada.log_in_with_code()
    ada.secret = ada.door.post("totp/replace/", credential=credential).json["secret"]
    ada.confirm(credential)

    assert TrustedDevice.objects.exists()
    assert not is_let_in(ada, token)


def test_switching_off_and_on_ends_the_trust(ada):
    token = trusted(ada)
    ada.door.post("totp/disable/", credential=ada.log_in_with_code())
    ada.enrol()

    assert TrustedDevice.objects.exists()
    assert not is_let_in(ada, token)


def test_revoking_ends_the_trust(ada):
    token = trusted(ada)
    ada.door.delete(
        f"totp/trusted_devices/{TrustedDevice.objects.get().pk}/", ada.log_in_with_code()
    )

    assert not is_let_in(ada, token)


def test_trust_ends_with_time(ada):
    token = trusted(ada)
    ada.clock.advance(30 * DAY - 1)
    token = log_in(ada, token).json["trusted_device_token"]
    ada.clock.advance(1)

    assert not is_let_in(ada, token)


def test_a_use_does_not_make_trust_longer(ada):
    token = trusted(ada)
    before = TrustedDevice.objects.get().expires_epoch
    ada.clock.advance(DAY)
    log_in(ada, token)

    assert TrustedDevice.objects.get().expires_epoch == before


def test_a_clock_that_is_set_back_revives_no_trust(ada):
    token = trusted(ada)
    ada.clock.advance(-DAY)

    assert not is_let_in(ada, token)


def test_switched_off_by_the_site_nothing_is_trusted(ada, settings):
    token = trusted(ada)
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = None

    assert not is_let_in(ada, token)


def test_a_shorter_rule_holds_for_devices_that_were_trusted_before(ada, settings):
    token = trusted(ada)
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = DAY

    assert not is_let_in(ada, token)


def test_a_deactivated_user_is_not_let_in(ada):
    token = trusted(ada)
    type(ada.user).objects.filter(pk=ada.user.pk).update(is_active=False)

    assert log_in(ada, token).status == 401


def test_what_lies_in_the_table_is_no_token(ada):
    token = trusted(ada)
    row = TrustedDevice.objects.get()

    assert token.partition(".")[2] not in repr(TrustedDevice.objects.values())
    for forged in (row.digest, f"{row.pk.hex}.{row.digest}", str(row.pk), f"{row.pk.hex}."):
        assert not is_let_in(ada, forged)


@pytest.mark.parametrize(
    "forged", [".", "x", "x.y", "\u00e9.\u00e9", "a" * 1000, Signer().sign("x"), "0" * 32 + ".y"]
)
def test_a_forged_token_costs_a_code_and_ends_nothing(ada, forged):
    token = trusted(ada)

    assert not is_let_in(ada, forged)
    assert is_let_in(ada, token)


def test_a_trusted_token_is_no_credential_and_no_challenge(ada):
    token = trusted(ada)

    assert ada.door.get("totp/status/", Bearer(token)).status == 401
    assert ada.answer_challenge(token, otp_code=ada.next_code()).status == 400


def test_a_locked_account_lets_its_trusted_device_in(ada):
    token = trusted(ada)
    ada.fail(5)

    assert is_let_in(ada, token)
