"""What a user is told of the history of their own factor."""

from datetime import datetime

import pytest
from django.dispatch import Signal

from ninja_totp import signals
from ninja_totp.models import Event
from ninja_totp.services import generate_recovery_link
from tests.support.credentials import Bearer
from tests.support.people import NEW_PASSWORD

_BY_OPERATORS = {"unlocked", "reset", "exempted", "exemption_ended"}
# All but the one that is sent when a link was mailed, after the answer.
_SIGNALS = {
    signal: name
    for name, signal in vars(signals).items()
    if isinstance(signal, Signal) and signal is not signals.totp_recovery_requested
}


def _types(answer):
    return [event["type"] for event in answer.json["events"]]


def _door(client):
    return client.prefix.strip("/")


def test_nothing_happened_yet(client, ada):
    answer = client.get("totp/events/", ada.log_in())

    assert answer.outcome == (200, {"events": [], "next_before": None})


def test_an_event_says_what_how_where_and_when(client, ada):
    credential = ada.enrol()
    ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    (used, enabled) = client.get("totp/events/", credential).json["events"]

    said = {"door": _door(client), "address": None}
    assert used == said | {
        "id": used["id"],
        "type": "backup_code_used",
        "method": "backup_code",
        "factor": "",
        "name": "",
        "created_at": used["created_at"],
    }
    assert enabled == said | {
        "id": enabled["id"],
        "type": "enabled",
        "method": "",
        "factor": "totp",
        "name": "Authenticator app",
        "created_at": enabled["created_at"],
    }
    assert datetime.fromisoformat(used["created_at"]).tzinfo
    assert used["created_at"].endswith("Z")
    assert "." not in used["created_at"]
    assert used["id"] > enabled["id"]


def test_the_whole_life_of_a_factor_shows(client, ada):
    credential = ada.enrol()
    client.post("totp/rotate_backup_codes/", credential=credential)
    ada.fail(5)
    ada.clock.advance(60)
    client.post("totp/disable/", credential=credential)

    answer = client.get("totp/events/", credential)

    assert _types(answer) == [
        "disabled",
        "locked",
        *["failed"] * 5,
        "backup_codes_rotated",
        "enabled",
    ]


def test_a_replay_shows(client, ada):
    credential = ada.enrol()
    code = ada.next_code()
    ada.answer_challenge(ada.challenge(), otp_code=code)
    ada.answer_challenge(ada.challenge(), otp_code=code)

    assert _types(client.get("totp/events/", credential)) == ["replayed", "enabled"]


def test_the_address_shows_where_the_site_keeps_it(client, ada, settings):
    settings.TOTP_EVENT_ADDRESSES = True

    (enabled,) = client.get("totp/events/", ada.enrol_by_calls()).json["events"]

    assert enabled["address"] == "127.0.0.1"


def test_a_page_leads_to_the_next(client, ada):
    credential = ada.enrol()
    ada.fail(3)

    first = client.get("totp/events/?limit=2", credential)
    following = first.json["next_before"]
    second = client.get(f"totp/events/?limit=2&before={following}", credential)

    assert (_types(first), _types(second)) == (["failed", "failed"], ["failed", "enabled"])
    assert following == first.json["events"][-1]["id"]
    assert second.json["next_before"] is None


def test_nobody_sees_what_happened_to_somebody_else(client, ada, grace):
    latest = client.get("totp/events/", ada.enrol()).json["events"][0]["id"]
    credential = grace.log_in()

    answer = client.get("totp/events/", credential)
    guessed = client.get(f"totp/events/?before={latest + 1}", credential)

    assert answer.json["events"] == guessed.json["events"] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "before=0", "before=x", f"before={2**63}"]
)
def test_a_query_that_makes_no_sense_is_refused(client, ada, query):
    answer = client.get(f"totp/events/?{query}", ada.log_in())

    name = query.partition("=")[0]
    assert answer.status == client.invalid_status
    assert name in answer.json.get("fields", answer.json)


def test_what_is_not_known_in_a_query_is_ignored(client, ada):
    answer = client.get(f"totp/events/?before={2**63 - 1}&user=1", ada.log_in())

    assert answer.status == 200


def test_any_valid_credential_may_ask_and_no_other(client, ada, foreign_token):
    ada.enrol()

    by_foreign_token = client.get("totp/events/", foreign_token(ada.user))
    by_challenge = client.get("totp/events/", Bearer(ada.challenge()))

    assert _types(by_foreign_token) == ["enabled"]
    assert client.takes_for_nobody(client.get("totp/events/"))
    assert by_challenge.status == 401


def _do_everything(client, ada):
    """Do all that leaves a line or sends a signal."""
    credential = ada.enrol_by_calls()
    tablet = ada.add("Tablet", credential)
    client.patch(f"totp/authenticators/{tablet.id}/", {"name": "Old"}, credential)
    proof = {"otp_code": ada.next_code(), "trust_device": "laptop"}
    trusting = ada.answer_challenge(ada.challenge(), **proof)
    ada.answer_challenge(ada.challenge(), otp_code=proof["otp_code"])
    (device,) = client.get("totp/trusted_devices/", credential).json["trusted_devices"]
    client.delete(f"totp/trusted_devices/{device['id']}/", credential)
    proof = {"backup_code": ada.backup_codes[0], "trust_device": "laptop"}
    trusting = ada.answer_challenge(ada.challenge(), **proof).json["trusted_device_token"]
    for _ in range(2):
        ada.give_password(trusted_device_token=trusting)
    client.delete(f"totp/authenticators/{tablet.id}/", credential)
    for _ in range(5):
        ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())
    ada.answer_challenge(ada.challenge(), otp_codes=[ada.wrong_code()] * 2)
    ada.clock.advance(3600)
    credential = ada.log_in_with_code()
    client.post("totp/rotate_backup_codes/", credential=credential)
    ada.secret = client.post("totp/replace/", credential=credential).json["secret"]
    credential = Bearer(ada.confirm(credential).json["access"])
    client.post("totp/disable/", credential=credential)
    ada.enrol_by_calls()
    _cancel_and_recover(client, ada)


def _cancel_and_recover(client, ada):
    cancelled, link = generate_recovery_link(ada.user), None
    client.post("totp/recovery_cancel/", {"uid": cancelled.uid, "token": cancelled.token})
    link = generate_recovery_link(ada.user)
    for password in ("incorrect donkey", ada.password):
        body = {"uid": link.uid, "token": link.token, "password": password}
        client.post("totp/recovery_confirm/", body | {"new_password": NEW_PASSWORD})
    ada.password = NEW_PASSWORD


def test_every_line_names_the_api_that_was_called_and_the_address(client, ada, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    settings.TOTP_EVENT_ADDRESSES = True
    _do_everything(client, ada)

    events = client.get("totp/events/?limit=100", ada.log_in()).json["events"]

    assert {event["type"] for event in events} == set(Event.Type.values) - _BY_OPERATORS
    assert {event["door"] for event in events} == {_door(client)}
    assert {event["address"] for event in events} == {"127.0.0.1"}


# Name of the change -> method, path, the field of the code, the rest of the body.
_BY_CODE = {
    "disable": ("post", "totp/disable/", "input_code", {}),
    "rotate": ("post", "totp/rotate_backup_codes/", "input_code", {}),
    "replace": ("post", "totp/replace/", "input_code", {}),
    "add": ("post", "totp/authenticators/", "input_code", {"name": "Tablet"}),
    "rename": ("patch", "totp/authenticators/{id}/", "input_code", {"name": "Tablet"}),
    "remove": ("delete", "totp/authenticators/{id}/", "input_code", {}),
    "step up": ("post", "totp/verify/", "otp_code", {}),
}


@pytest.mark.parametrize("change", _BY_CODE)
def test_a_wrong_code_for_a_change_says_where_it_was_typed(client, ada, settings, change):
    method, path, field, body = _BY_CODE[change]
    settings.TOTP_EVENT_ADDRESSES = True
    credential = ada.enrol()
    spare = ada.add("Spare", credential)
    proof = body | {field: ada.wrong_code()}

    answer = getattr(client, method)(path.format(id=spare.id), body=proof, credential=credential)
    newest = client.get("totp/events/?limit=1", credential).json["events"][0]

    assert answer.status == 400
    assert (newest["type"], newest["door"]) == ("failed", _door(client))
    assert newest["address"] == "127.0.0.1"


def test_every_signal_names_the_api_and_has_the_request_that_was_made(
    client, ada, settings, django_capture_on_commit_callbacks
):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    heard = []

    def hear(signal, api, request, **about):
        heard.append((_SIGNALS[signal], api, request))

    for signal in _SIGNALS:
        signal.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        _do_everything(client, ada)
    for signal in _SIGNALS:
        signal.disconnect(hear)

    assert {name for name, *_ in heard} == set(_SIGNALS.values())
    assert {api for _, api, _ in heard} == {_door(client)}
    assert {request.META["REMOTE_ADDR"] for *_, request in heard} == {"127.0.0.1"}
