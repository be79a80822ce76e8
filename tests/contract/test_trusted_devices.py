"""Devices that are asked for no code: the whole way at both doors."""

import uuid
from datetime import datetime

import pytest

from ninja_totp.models import TrustedDevice
from tests.support.credentials import Bearer

DAY = 86_400
NOT_FOUND = (404, {"detail": "Trusted device not found.", "code": "not_found"})


@pytest.fixture(autouse=True)
def thirty_days(settings):
    """The site trusts devices for thirty days."""
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * DAY


def trusting(ada, name="Ada's laptop"):
    """Log in with both factors and have the device trusted; return the answer."""
    return ada.answer_challenge(ada.challenge(), otp_code=ada.next_code(), trust_device=name)


def returning(ada, token):
    """Take the first step on the device."""
    return ada.give_password(trusted_device_token=token)


def listed(client, credential):
    return client.get("totp/trusted_devices/", credential).json["trusted_devices"]


def test_a_trusted_device_is_asked_for_no_code(client, ada):
    ada.enrol()
    token = trusting(ada).json["trusted_device_token"]

    answer = returning(ada, token)

    assert answer.status == 200
    assert set(answer.json) == {
        "step",
        "is_totp_enabled",
        "access",
        "refresh",
        "trusted_device_token",
    }
    assert answer.json["is_totp_enabled"] is False
    assert client.get("totp/status/", Bearer(answer.json["access"])).status == 200


def test_each_login_hands_out_the_token_for_the_next(client, ada):
    ada.enrol()
    token = trusting(ada).json["trusted_device_token"]

    for _ in range(3):
        answer = returning(ada, token)
        assert answer.json["trusted_device_token"] != token
        token = answer.json["trusted_device_token"]


def test_devices_whose_trust_has_expired_are_deleted_with_the_next_one(client, ada):
    ada.enrol()
    trusting(ada, "old")
    ada.clock.advance(30 * DAY)
    trusting(ada, "new")

    assert [device.name for device in TrustedDevice.objects.all()] == ["new"]


def test_such_a_login_has_the_standing_of_a_password(client, ada):
    ada.enrol()
    access = returning(ada, trusting(ada).json["trusted_device_token"]).json["access"]

    answer = client.post("totp/disable/", credential=Bearer(access))

    assert (answer.status, answer.json["code"]) == (403, "second_factor_required")


def test_nobody_is_trusted_who_does_not_ask(client, ada):
    ada.enrol()

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert "trusted_device_token" not in answer.json


def test_nobody_is_trusted_where_the_site_does_not_want_it(client, ada, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = None
    credential = ada.enrol()

    answer = trusting(ada)

    assert (answer.status, set(answer.json)) == (200, {"access", "refresh"})
    assert listed(client, credential) == []


def test_a_login_that_fails_trusts_nothing(client, ada):
    credential = ada.enrol()

    ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code(), trust_device="a thief's")

    assert listed(client, credential) == []


def test_the_owner_sees_their_devices(client, ada):
    credential = ada.enrol()
    trusting(ada, "older")
    token = trusting(ada, " newer ").json["trusted_device_token"]
    returning(ada, token)

    newer, older = listed(client, credential)

    assert set(newer) == {"id", "name", "created_at", "last_used_at", "expires_at"}
    assert (newer["name"], older["name"]) == ("newer", "older")
    assert older["last_used_at"] is None
    assert uuid.UUID(newer["id"])
    for moment in ("created_at", "last_used_at", "expires_at"):
        assert newer[moment].endswith("Z")
        assert datetime.fromisoformat(newer[moment]).microsecond == 0
    expires = datetime.fromisoformat(newer["expires_at"]).timestamp()
    assert expires == ada.clock.now() + 30 * DAY
    assert client.get("totp/status/", credential).json["trusted_devices"] == 2


def test_the_owner_ends_the_trust(client, ada):
    credential = ada.enrol()
    token = trusting(ada).json["trusted_device_token"]
    (device,) = listed(client, credential)

    answer = client.delete(f"totp/trusted_devices/{device['id']}/", credential)

    assert answer.outcome == (204, None)
    assert listed(client, credential) == []
    assert returning(ada, token).json["is_totp_enabled"] is True


@pytest.mark.parametrize("device", [str(uuid.UUID(int=1)), "1", "x", "%00", "a" * 300])
def test_what_is_not_there_cannot_be_revoked(client, ada, device):
    answer = client.delete(f"totp/trusted_devices/{device}/", ada.enrol())

    assert answer.outcome == NOT_FOUND


def test_nobody_revokes_the_device_of_somebody_else(client, ada, grace):
    credential = ada.enrol()
    trusting(ada)
    (device,) = listed(client, credential)

    answer = client.delete(f"totp/trusted_devices/{device['id']}/", grace.enrol())

    assert answer.outcome == NOT_FOUND
    assert listed(client, credential) == [device]


def test_without_a_factor_there_are_no_devices(client, ada):
    assert client.get("totp/trusted_devices/", ada.log_in()).outcome == (
        200,
        {"trusted_devices": []},
    )


def test_nobody_sees_the_devices_of_somebody_else(client, ada, grace):
    ada.enrol()
    trusting(ada)

    assert listed(client, grace.enrol()) == []


def test_who_is_not_signed_in_is_told_nothing(client, ada):
    ada.enrol()
    trusting(ada)
    device = TrustedDevice.objects.get().pk

    assert client.takes_for_nobody(client.get("totp/trusted_devices/"))
    assert client.takes_for_nobody(client.delete(f"totp/trusted_devices/{device}/"))


def test_trust_shows_in_the_history(client, ada):
    credential = ada.enrol()
    trusting(ada)
    (device,) = listed(client, credential)
    client.delete(f"totp/trusted_devices/{device['id']}/", credential)

    events = client.get("totp/events/", credential).json["events"]

    assert [event["type"] for event in events] == ["device_revoked", "device_trusted", "enabled"]


@pytest.mark.parametrize("name", ["", " ", "a" * 101, 5, "a\u0000b"])
def test_a_device_needs_a_name(client, ada, name):
    ada.enrol()
    if client.prefix == "/drf/" and name == 5:
        pytest.skip("REST framework takes a number for a text")

    answer = trusting(ada, name)

    assert answer.status == client.invalid_status
    assert "trust_device" in answer.json.get("fields", answer.json)


@pytest.mark.parametrize("token", ["", 5])
def test_a_token_is_a_text(client, ada, token):
    ada.enrol()
    if client.prefix == "/drf/" and token == 5:
        pytest.skip("REST framework takes a number for a text")

    answer = returning(ada, token)

    assert answer.status == client.invalid_status


def test_no_token_is_as_good_as_none(client, ada):
    ada.enrol()

    assert returning(ada, None).json["is_totp_enabled"] is True
