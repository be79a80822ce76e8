"""What a user may know of their own factor."""

from datetime import datetime

import pytest

from ninja_totp.models import Account
from tests.support.credentials import Bearer

_UNTOUCHED = {
    "is_totp_enabled": False,
    "confirmed_at": None,
    "last_used_at": None,
    "backup_codes_remaining": 0,
    "backup_codes_low": False,
    "authenticators": 0,
    "pending": False,
    "is_locked": False,
    "locked_until": None,
    "trusted_devices": 0,
}


def _use_backup_codes(ada, count):
    for code in ada.backup_codes[:count]:
        ada.answer_challenge(ada.challenge(), backup_code=code)


def test_without_a_factor_everything_is_off(client, ada):
    answer = client.get("totp/status/", ada.log_in())

    assert answer.outcome == (200, _UNTOUCHED)


def test_a_pending_enrolment_shows_and_ends(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    started = client.get("totp/status/", credential)
    ada.clock.advance(600)
    ended = client.get("totp/status/", credential)

    assert started.json == _UNTOUCHED | {"pending": True}
    assert ended.json == _UNTOUCHED


def test_a_factor_in_use(client, ada):
    answer = client.get("totp/status/", ada.enrol())

    moments = {"confirmed_at", "last_used_at"}
    assert {name: value for name, value in answer.json.items() if name not in moments} == {
        "is_totp_enabled": True,
        "backup_codes_remaining": 10,
        "backup_codes_low": False,
        "authenticators": 1,
        "pending": False,
        "is_locked": False,
        "locked_until": None,
        "trusted_devices": 0,
    }
    assert all(datetime.fromisoformat(answer.json[moment]).tzinfo for moment in moments)


@pytest.mark.parametrize("kind", ["otp_code", "backup_code"])
@pytest.mark.parametrize("use", ["jwt/totp/verify/", "totp/verify/"])
def test_each_code_moves_the_last_use(client, ada, kind, use):
    credential = ada.enrol()
    Account.objects.update(last_used_at=None)
    proof = {kind: ada.next_code() if kind == "otp_code" else ada.backup_codes[0]}
    if use.startswith("jwt/"):
        proof["totp_challenge_token"] = ada.challenge()

    assert client.post(use, proof, credential).status == 200

    assert client.get("totp/status/", credential).json["last_used_at"] is not None


def test_a_wrong_code_is_no_use(client, ada):
    credential = ada.enrol()
    Account.objects.update(last_used_at=None)

    client.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential)

    assert client.get("totp/status/", credential).json["last_used_at"] is None


def test_a_replacement_is_pending_beside_the_factor_in_use(client, ada):
    credential = ada.enrol()
    client.post("totp/replace/", credential=credential)

    answer = client.get("totp/status/", credential)

    assert (answer.json["is_totp_enabled"], answer.json["pending"]) == (True, True)


def test_used_backup_codes_are_counted(client, ada):
    credential = ada.enrol()
    _use_backup_codes(ada, 7)

    answer = client.get("totp/status/", credential)

    assert answer.json["backup_codes_remaining"] == 3
    assert answer.json["backup_codes_low"] is False


def test_two_backup_codes_are_few(client, ada):
    credential = ada.enrol()
    _use_backup_codes(ada, 8)

    answer = client.get("totp/status/", credential)

    assert answer.json["backup_codes_remaining"] == 2
    assert answer.json["backup_codes_low"] is True


def test_a_lock_shows_until_it_ends(client, ada):
    credential = ada.enrol()
    ada.fail(5)

    locked = client.get("totp/status/", credential)
    ada.clock.advance(30)
    ended = client.get("totp/status/", credential)

    assert locked.json["is_locked"] is True
    assert locked.json["locked_until"] == "2027-01-15T08:01:10Z"
    assert (ended.json["is_locked"], ended.json["locked_until"]) == (False, None)


def test_switching_off_leaves_nothing_behind(client, ada):
    credential = ada.enrol()
    client.post("totp/disable/", credential=credential)

    answer = client.get("totp/status/", credential)

    assert answer.json["is_totp_enabled"] is False
    assert answer.json["confirmed_at"] is None
    assert answer.json["backup_codes_remaining"] == 0


def test_nobody_sees_the_factor_of_somebody_else(client, ada, grace):
    ada.enrol()

    answer = client.get("totp/status/", grace.log_in())

    assert answer.json == _UNTOUCHED


def test_any_valid_credential_may_ask(client, ada, foreign_token):
    ada.enrol()

    by_foreign_token = client.get("totp/status/", foreign_token(ada.user))
    by_session = client.get("totp/status/", ada.open_browser())

    assert by_foreign_token.json["is_totp_enabled"] is True
    assert by_session.status == 401  # the password alone opened no session


def test_a_challenge_is_no_credential(client, ada):
    ada.enrol()

    answer = client.get("totp/status/", Bearer(ada.challenge()))

    assert answer.status == 401
