"""What the APIs really answer: each promise of the documents, kept once. No test stands here."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import override_settings

from ninja_totp.models import Authenticator
from tests.clients.documents import Promise, document, promises
from tests.http.calls import CALLS, Call, Request
from tests.support.clock import StoppedClock
from tests.support.credentials import NOBODY, Bearer, Browser
from tests.support.doors import Answer, Door, DrfDoor, NinjaDoor
from tests.support.people import Person

__all__ = ["recorded"]

_DOORS: dict[str, type[Door]] = {"ninja": NinjaDoor, "drf": DrfDoor}
_PROOFS = ("input_code", "otp_code", "backup_code")
_CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "recording"}
_LENGTH = "django.contrib.auth.password_validation.MinimumLengthValidator"
# Every call has these errors in the documents.
_NEVER = {
    ("session_delete", "throttled"): "logging out has no limit",
    ("totp_recovery", "unavailable"): "whatever happens, everybody is told the same",
}

Situation = Callable[[Call, Person], Answer]


# What happens before a use case looks at anything: the same way at every call.


def _succeeds(call: Call, ada: Person) -> Answer:
    return call.send(ada, call.prepare(ada))


def _raw(call: Call, ada: Person, body: bytes, kind: str = "application/json") -> Answer:
    request = call.prepare(ada)
    method, _, path = call.name.partition(" ")
    url = ada.door.prefix + (request.path or path)
    return Answer.of(request.credential.send(method, url, data=body, content_type=kind))


def _without_a_credential(call: Call, ada: Person) -> Answer:
    return call.send(ada, replace(call.prepare(ada), credential=NOBODY))


def _from_a_page(headers: dict[str, str]) -> Situation:
    class Page(Browser):
        def send(self, method: str, url: str, **extra: Any) -> Any:
            return super().send(method, url, **extra | {"headers": headers})

    def situation(call: Call, ada: Person) -> Answer:
        request, browser = call.prepare(ada), Page()
        # The session was begun before anything was enrolled, and is signed in all the same.
        browser._client.force_login(ada.user, "django.contrib.auth.backends.ModelBackend")
        return call.send(ada, replace(request, credential=browser))

    return situation


def _too_often(call: Call, ada: Person) -> Answer:
    request = call.prepare(ada)
    with override_settings(TOTP_THROTTLE_RATE="1/day", CACHES={"default": _CACHE}):
        call.send(ada, request)
        answer = call.send(ada, request)
        caches["default"].clear()
        return answer


def _without_a_database(call: Call, ada: Person) -> Answer:
    def gone(*_: Any) -> None:
        raise OperationalError("the database is gone")

    request = call.prepare(ada)
    with connection.execute_wrapper(gone):
        return call.send(ada, request)


def _with_wrong_fields(call: Call, ada: Person) -> Answer:
    method, _, path = call.name.partition(" ")
    if method == "GET":
        return ada.door.get(f"{path}?limit=0", call.prepare(ada).credential)
    return _raw(call, ada, json.dumps({name: {} for name in _fields(call)}).encode())


def _fields(call: Call) -> list[str]:
    """Return the names in the body of a call."""
    method, _, path = call.name.partition(" ")
    described = document("ninja")
    body = described["paths"][f"/ninja/{path}"][method.lower()]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    parts = schema.get("anyOf", [schema])
    (name,) = [part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part]
    return list(described["components"]["schemas"][name]["properties"])


# What a use case refuses.


def _with_a_wrong_code(call: Call, ada: Person) -> Answer:
    return _by(call, ada, call.prepare(ada), wrong=True)


def _by(call: Call, ada: Person, request: Request, *, wrong: bool = False) -> Answer:
    code = ada.wrong_code() if wrong else ada.next_code()
    body = {name: said for name, said in (request.body or {}).items() if name not in _PROOFS}
    name = next(name for name in _PROOFS if name in _fields(call))
    return call.send(ada, replace(request, body=body | {name: code}))


def _while_locked(call: Call, ada: Person) -> Answer:
    request = call.prepare(ada)
    for _ in range(30):
        answer = _by(call, ada, _asked_again(call, ada, request), wrong=True)
        if answer.status == 429:
            break
    return answer


def _asked_again(call: Call, ada: Person, request: Request) -> Request:
    """A token of a login has few attempts; the account counts the failures of all of them."""
    name = next((name for name in _fields(call) if name.startswith("totp_")), None)
    if name is None:
        return request
    path = "{}/create/".format(call.name.removeprefix("POST ").partition("/")[0])
    with override_settings(TOTP_REQUIRED="all"):
        step = ada.give_password(path=path, credential=request.credential).json
    return replace(request, body=(request.body or {}) | {name: step[name]})


def _without_a_factor(call: Call, ada: Person) -> Answer:
    request = call.prepare(ada)
    Authenticator.objects.filter(account__user=ada.user).delete()
    return _by(call, ada, request)


def _with_nothing_pending(call: Call, ada: Person) -> Answer:
    credential = ada.log_in()
    return ada.door.post("totp/confirm/", {"input_code": "123456"}, credential)


def _with_nothing_scanned(call: Call, ada: Person) -> Answer:
    path = call.name.removeprefix("POST ").replace("totp/confirm/", "create/")
    credential = call.prepare(ada).credential
    token = ada.enrolment_token(path=path, credential=credential)
    Authenticator.objects.filter(account__user=ada.user).delete()
    return call.send(
        ada, Request(credential, {"totp_enrolment_token": token, "input_code": "123456"})
    )


def _with_a_factor(call: Call, ada: Person) -> Answer:
    body = {"input_code": "123456"} if "confirm" in call.name else None
    return call.send(ada, Request(ada.enrol(), body))


def _without_a_recent_proof(call: Call, ada: Person) -> Answer:
    by_password = ada.log_in()
    request = call.prepare(ada)
    if call.name.startswith("PATCH"):  # for a name, any proof is recent enough
        return call.send(ada, replace(request, credential=by_password))
    ada.clock.advance(24 * 3600)
    body = {name: said for name, said in (request.body or {}).items() if name not in _PROOFS}
    return call.send(ada, replace(request, body=body or None))


def _at_a_site_that_wants_a_factor(call: Call, ada: Person) -> Answer:
    if call.name == "POST jwt/refresh/":
        request = call.prepare(ada)
    else:
        credential = ada.log_in()
        ada.start(credential)
        body = {"input_code": ada.next_code()} if "confirm" in call.name else None
        request = Request(credential, body)
    with override_settings(TOTP_REQUIRED="all"):
        return call.send(ada, request)


def _with_no_room(call: Call, ada: Person) -> Answer:
    with override_settings(TOTP_MAX_AUTHENTICATORS=1):
        return _succeeds(call, ada)


def _of_the_only_one(call: Call, ada: Person) -> Answer:
    credential = ada.enrol()
    (only,) = ada.door.get("totp/authenticators/", credential).json["authenticators"]
    request = Request(credential, path=f"totp/authenticators/{only['id']}/")
    return _by(call, ada, request)


def _of_nothing(call: Call, ada: Person) -> Answer:
    request = call.prepare(ada)
    path = call.name.partition(" ")[2].partition("{")[0]
    return call.send(ada, replace(request, path=f"{path}{uuid4()}/"))


def _with(**changes: str) -> Situation:
    def situation(call: Call, ada: Person) -> Answer:
        request = call.prepare(ada)
        return call.send(ada, replace(request, body=(request.body or {}) | changes))

    return situation


def _with_another_token(call: Call, ada: Person) -> Answer:
    name = next(name for name in _fields(call) if name.startswith("totp_"))
    return _with(**{name: "x"})(call, ada)


def _with_a_token_of_nobody(call: Call, ada: Person) -> Answer:
    request = call.prepare(ada)
    if isinstance(request.credential, Bearer):
        return call.send(ada, replace(request, credential=Bearer("x")))
    return _with(**dict.fromkeys(_fields(call), "x"))(call, ada)


def _with_a_short_password(call: Call, ada: Person) -> Answer:
    with override_settings(AUTH_PASSWORD_VALIDATORS=[{"NAME": _LENGTH}]):
        return _with(new_password="1")(call, ada)


def _under(**settings: Any) -> Situation:
    def situation(call: Call, ada: Person) -> Answer:
        with override_settings(**settings):
            return call.send(ada, call.prepare(ada))

    return situation


def _switched_off(call: Call, ada: Person) -> Answer:
    request = call.prepare(ada)
    with override_settings(TOTP_RECOVERY_ENABLED=False):
        return call.send(ada, request)


def _by_password_alone(call: Call, ada: Person) -> Answer:
    credential = Browser() if "session" in call.name else NOBODY
    return ada.give_password(path=call.name.removeprefix("POST "), credential=credential)


def _by_a_password_that_is_not_enough(call: Call, ada: Person) -> Answer:
    with override_settings(TOTP_REQUIRED="all"):
        return _by_password_alone(call, ada)


_SITUATIONS: dict[str, Situation] = {
    "": _succeeds,
    "code_required": _succeeds,
    "logged_in": _by_password_alone,
    "malformed_request": lambda call, ada: _raw(call, ada, b"{"),
    "payload_too_large": lambda call, ada: _raw(call, ada, b" " * (64 * 1024 + 1)),
    "unsupported_media_type": lambda call, ada: _raw(call, ada, b"x", "text/plain"),
    "invalid_request": _with_wrong_fields,
    "fields": _with_wrong_fields,
    "not_authenticated": _without_a_credential,
    "csrf_failed": _from_a_page({"X-CSRFToken": "w" * 32}),
    "origin_not_trusted": _from_a_page({"Origin": "https://example.org"}),
    "throttled": _too_often,
    "unavailable": _without_a_database,
    "invalid_code": _with_a_wrong_code,
    "locked": _while_locked,
    "not_enrolled": _without_a_factor,
    "already_enabled": _with_a_factor,
    "second_factor_required": _without_a_recent_proof,
    "enrolment_required": _at_a_site_that_wants_a_factor,
    "too_many_authenticators": _with_no_room,
    "last_authenticator": _of_the_only_one,
    "not_found": _of_nothing,
    "invalid_challenge": _with_another_token,
    "token_not_valid": _with_a_token_of_nobody,
    "invalid_credentials": _with(password="wrong"),
    "invalid_recovery": _with(token="x"),
    "invalid_password": _with(password="wrong"),
    "invalid_new_password": _with_a_short_password,
    "recovery_not_yet": _under(TOTP_RECOVERY_DELAY=86_400),
    "recovery_disabled": _switched_off,
}
_OF_ONE_CALL: dict[tuple[str, str], Situation] = {
    ("totp_confirm", "not_enrolled"): _with_nothing_pending,
    ("jwt_totp_confirm", "not_enrolled"): _with_nothing_scanned,
    ("session_totp_confirm", "not_enrolled"): _with_nothing_scanned,
    ("jwt_create", "enrolment_required"): _by_a_password_that_is_not_enough,
    ("session_create", "enrolment_required"): _by_a_password_that_is_not_enough,
}


def _calls(name: str) -> dict[str, Call]:
    """Return the calls of an API by their operation ids."""
    paths, prefix = document(name)["paths"], _DOORS[name].prefix
    ids = {}
    for call in CALLS:
        method, _, path = call.name.partition(" ")
        if prefix + path in paths:
            ids[paths[prefix + path][method.lower()]["operationId"]] = call
    return ids


@contextmanager
def _nobody_remains() -> Iterator[None]:
    # No transaction around it: the services refuse to judge a code in one of the caller's.
    try:
        yield
    finally:
        get_user_model().objects.all().delete()
        mail.outbox.clear()
        caches["default"].clear()


def recorded(name: str) -> dict[Promise, dict[str, Any]]:
    """Bring about every answer that the document of an API promises, and keep what came."""
    door, calls = _DOORS[name](), _calls(name)
    found = {}
    for promise in sorted(promises(name)):
        of_one_call = (promise.operation, promise.arm)
        if of_one_call in _NEVER:
            continue
        situation = _OF_ONE_CALL.get(of_one_call) or _SITUATIONS[promise.arm]
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            stack.enter_context(override_settings(TOTP_THROTTLE_RATE=None))
            stack.enter_context(_nobody_remains())
            ada = Person(door, StoppedClock().install(patch), "ada")
            answer = situation(calls[promise.operation], ada)
        found[promise] = {
            "operation": promise.operation,
            "status": answer.status,
            "arm": promise.arm,
            "body": answer.json if answer.content else None,
        }
    return found
