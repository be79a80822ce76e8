"""What strangers ask for uses up nothing of the owner's: secrets are counted by themselves."""

import pytest
from django.core import mail
from django.core.cache import cache

from tests.contract.test_recovery import ADDRESS, LINK
from tests.support.credentials import Browser


@pytest.fixture(autouse=True)
def _two_a_minute(client, settings):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    cache.clear()


def _flood(client, path, **body):
    return [client.post(path, body).status for _ in range(5)]


def test_wrong_challenges_do_not_keep_the_owner_out(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    _flood(client, "jwt/totp/verify/", totp_challenge_token="made up", otp_code="000000")

    assert ada.answer_challenge(challenge, otp_code=ada.next_code()).status == 200


@pytest.mark.parametrize(("path", "name"), [("jwt/refresh/", "refresh"), ("jwt/verify/", "token")])
def test_made_up_tokens_do_not_stop_a_good_one(client, ada, path, name):
    token = ada.give_password().json["refresh"]
    _flood(client, path, **{name: "made up"})

    assert client.post(path, {name: token}).status == 200


@pytest.mark.parametrize("call", ["recovery_confirm", "recovery_cancel"])
def test_made_up_links_do_not_stop_a_good_one(client, ada, call):
    ada.user.email = ADDRESS
    ada.user.save()
    ada.enrol()
    client.post("totp/recovery/", {"email": ADDRESS})
    uid, token = LINK.search(mail.outbox[-1].body).groups()
    _flood(client, f"totp/{call}/", uid=uid, token="made up", password="x")

    answer = client.post(f"totp/{call}/", {"uid": uid, "token": token, "password": "x"})

    assert answer.status != 429


def test_one_secret_is_counted(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    statuses = [ada.answer_challenge(challenge, otp_code="000000").status for _ in range(3)]

    assert statuses == [400, 400, 429]


def test_logging_out_is_never_limited(client, ada):
    browsers = [Browser() for _ in range(4)]

    statuses = [
        browser.send("POST", "/ninja/session/delete/", content_type="application/json").status_code
        for browser in browsers
    ]

    assert statuses == [204] * 4
