"""Odd input at every call of the OpenAPI document: refused, with the envelope, changing nothing.

The calls and their fields are read from the document, so that a new one is covered by itself.
"""

from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from ninja_totp.models import Account, BackupCode, Challenge
from ninja_totp.services import begin_login_for, replace_totp
from tests.http import odd
from tests.http.document import codes_of, document_of, operations_of, resolved
from tests.support.breadth import share
from tests.support.credentials import Bearer
from tests.support.people import PASSWORD
from tests.urls import api

_DOCUMENT = document_of(api)
_POSTS = [operation for operation in operations_of(_DOCUMENT) if operation.method == "POST"]
_WITH_BODY = [operation for operation in _POSTS if "requestBody" in operation.described]
_WITH_CODES = [
    operation
    for operation in _WITH_BODY
    if operation.path.startswith("totp/") or operation.path.endswith("totp/verify/")
]
_JSON = "application/json"


def _share(cases, number):
    # One parser reads all calls: what it trips over shows at any of them.
    return share(cases, number, of=5)


def _fields(operation):
    (content,) = operation.described["requestBody"]["content"].values()
    (schema,) = [
        schema for schema in resolved(_DOCUMENT, content["schema"]) if "properties" in schema
    ]
    return schema["properties"], schema.get("required", [])


class _Caller:
    """A user in the middle of everything: enrolled, replacing, halfway through a login."""

    def __init__(self, ada, login):
        self.ada = ada
        context = begin_login_for(ada.user, None).auth_context
        tokens = ada.door.issuer.log_in(HttpRequest(), ada.user, context)
        self._credential = ada.open_browser() if login == "session" else Bearer(tokens["access"])
        ada.enrol()
        replace_totp(ada.user)
        self._known = {"username": "ada", "password": PASSWORD, "refresh": tokens["refresh"]}
        self._known["token"] = tokens["access"]
        if login != "totp":
            answer = ada.give_password(path=f"{login}/create/", credential=self._credential)
            self._known["totp_challenge_token"] = answer.json["totp_challenge_token"]

    def post(self, operation, body, content_type=_JSON):
        return self.ada.door.post_raw(operation.path, body, content_type, self._credential)

    def honest_values(self, operation, *, without):
        """Return good values for the required fields, except for one."""
        required = _fields(operation)[1]
        return {name: self._known.get(name, "x") for name in required if name != without}


@pytest.fixture
def caller(ada, operation):
    """Somebody whose every call would reach the use case of `operation`."""
    return _Caller(ada, operation.path.partition("/")[0])


def _state():
    sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    tables = (Account, BackupCode, Challenge, get_user_model(), sessions)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def _complaints(operation, label, answer, echo):
    """Return what is wrong with `answer`."""
    text = answer.content.decode()
    complaints = {
        "status": not 400 <= answer.status < 500,
        "type": answer.headers.get("Content-Type") != _JSON,
        "undocumented": (answer.status, answer.json.get("code"))
        not in codes_of(_DOCUMENT, operation),
        "sentence": not isinstance(answer.json.get("detail"), str),
        "echo": echo in text or echo in str(answer.json),
    }
    return [(label, name, text[:200]) for name, is_wrong in complaints.items() if is_wrong]


@pytest.mark.parametrize("operation", _WITH_BODY, ids=str)
def test_a_body_that_is_no_object_is_refused(caller, operation):
    before = _state()

    complaints = [
        complaint
        for label, body in _share(odd.WHOLE_BODIES.items(), _POSTS.index(operation))
        for complaint in _complaints(operation, label, caller.post(operation, body), odd.MARKER)
    ]

    assert complaints == []
    assert _state() == before


@pytest.mark.parametrize("operation", _WITH_BODY, ids=str)
def test_a_field_of_the_wrong_kind_is_refused(caller, operation):
    before = _state()

    complaints = [
        complaint
        for number, name in enumerate(_fields(operation)[0], start=_POSTS.index(operation))
        for label, value in _share(odd.VALUES.items(), number)
        for complaint in _complaints(
            operation,
            f"{name}: {label}",
            caller.post(
                operation,
                odd.body_with(name, value, caller.honest_values(operation, without=name)),
            ),
            odd.MARKER,
        )
    ]

    assert complaints == []
    assert _state() == before


@pytest.mark.parametrize("operation", _WITH_BODY, ids=str)
def test_the_last_of_two_equal_keys_counts_and_is_checked(caller, operation):
    before = _state()

    complaints = [
        complaint
        for name in _fields(operation)[0]
        for complaint in _complaints(
            operation,
            name,
            caller.post(operation, odd.body_with(name, "[{}]", {name: "123456"})),
            odd.MARKER,
        )
    ]

    assert complaints == []
    assert _state() == before


@pytest.mark.parametrize("operation", _WITH_CODES, ids=str)
def test_what_only_looks_like_a_code_is_none(caller, operation, settings):
    settings.TOTP_LOCKOUT_FREE_FAILURES = settings.TOTP_CHALLENGE_MAX_ATTEMPTS = 10
    before = _state()

    complaints = [
        complaint
        for number, name in enumerate(_fields(operation)[0], start=_POSTS.index(operation))
        for label, code in _share(odd.CODES.items(), number)
        for complaint in _complaints(
            operation,
            f"{name}: {label}",
            caller.post(
                operation,
                odd.body_with(
                    name, odd.json.dumps(code), caller.honest_values(operation, without=name)
                ),
            ),
            code.strip() or odd.MARKER,
        )
    ]

    assert complaints == []
    assert _factor_of(before) == _factor_of(_state())


def _factor_of(state):
    totps, codes, *_ = state
    counted = ("failures", "last_failure_epoch", "budget_full_epoch", "failures_password")
    ignored = {*counted, *(f"backup_{name}" for name in counted), "version"}
    return [
        {name: value for name, value in totp.items() if name not in ignored} for totp in totps
    ], codes


@pytest.mark.parametrize("operation", _POSTS, ids=str)
def test_a_body_of_another_type_is_refused(caller, operation):
    before = _state()

    answers = {
        content_type: caller.post(operation, b'{"input_code": "123456"}', content_type)
        for content_type in _share(odd.FOREIGN_TYPES, _POSTS.index(operation))
    }

    assert {type_: answer.status for type_, answer in answers.items()} == dict.fromkeys(
        answers, 415
    )
    assert {answer.json["code"] for answer in answers.values()} == {"unsupported_media_type"}
    assert _state() == before


@pytest.mark.parametrize("operation", _POSTS, ids=str)
def test_a_large_body_of_another_type_is_refused(caller, operation):
    before = _state()

    codes = [
        caller.post(operation, b"x" * 3_000_000, content_type).json["code"]
        for content_type in ("", "text/plain", "multipart/form-data; boundary=x")
    ]

    assert codes == ["payload_too_large"] * 3
    assert _state() == before


@pytest.mark.parametrize(
    "operation", [operation for operation in _POSTS if operation not in _WITH_BODY], ids=str
)
def test_a_body_that_nobody_asked_for_is_not_read(caller, operation):
    answers = [caller.post(operation, body) for body in odd.WHOLE_BODIES.values()]

    assert {answer.status for answer in answers} <= {204, 400, 413}
    assert [answer for answer in answers if odd.MARKER in answer.content.decode()] == []


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-8-sig"])
def test_json_in_another_unicode_encoding_is_json(door, ada, charset):
    credential = ada.log_in()
    ada.start(credential)
    body = f'{{"input_code": "{ada.code()}"}}'.encode(charset)

    answer = door.post_raw("totp/confirm/", body, "Application/JSON; charset=x", credential)

    assert answer.status == 200
