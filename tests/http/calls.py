"""Every call of the Ninja door, each in a situation in which it succeeds and works hardest.

Whoever measures something of every call goes through this table; `test_calls.py` sees to it that
no call of the OpenAPI document is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import mail

from ninja_totp.models import TrustedDevice
from tests.support.credentials import NOBODY, Browser, Credential
from tests.support.doors import Answer
from tests.support.people import NEW_PASSWORD, PASSWORD, Person

__all__ = ["CALLS", "Call", "Request"]


@dataclass(frozen=True)
class Request:
    """What a call is made with; `path` where it has a part that varies.

    `secrets` are pieces of text that nobody else may read.
    """

    credential: Credential
    body: dict[str, Any] | None = None
    path: str | None = None

    @property
    def secrets(self) -> list[str]:
        """Return the values in the body that are worth stealing, and the bearer token."""
        public = {"username", "email", "uid", "name"}
        values = [value for name, value in (self.body or {}).items() if name not in public]
        return [*values, *([self.credential.token] if hasattr(self.credential, "token") else [])]


@dataclass(frozen=True)
class Call:
    """One call, and a function that brings a person into the situation for it."""

    name: str
    prepare: Callable[[Person], Request]

    def __str__(self) -> str:
        return self.name

    def send(self, ada: Person, request: Request) -> Answer:
        """Make the call."""
        method, _, path = self.name.partition(" ")
        if method == "DELETE":
            return ada.door.delete(request.path or path, request.credential, request.body)
        if method == "PATCH":
            return ada.door.patch(request.path or path, request.body or {}, request.credential)
        if method == "GET":
            return ada.door.get(path, request.credential)
        if request.body is None:
            return ada.door.post(path, credential=request.credential)
        return ada.door.post(path, request.body, request.credential)


def _new(ada: Person) -> Request:
    return Request(ada.log_in())


def _pending(ada: Person) -> Request:
    credential = ada.log_in()
    ada.start(credential)
    return Request(credential, {"input_code": ada.code()})


def _enrolled(ada: Person) -> Request:
    return Request(ada.enrol())


def _by_code(ada: Person) -> Request:
    return Request(ada.enrol(), {"input_code": ada.next_code()})


def _by_backup_code(ada: Person) -> Request:
    return Request(ada.enrol(), {"backup_code": ada.backup_codes[0]})


def _trusting(ada: Person) -> Request:
    credential = ada.enrol()
    device = TrustedDevice.objects.create(
        user=ada.user, digest=ada.name, generation=0, expires_epoch=0
    )
    return Request(credential, path=f"totp/trusted_devices/{device.pk}/")


def _named(ada: Person) -> Request:
    return Request(ada.enrol(), {"name": "Tablet", "input_code": ada.next_code()})


def _of_two(ada: Person) -> Request:
    spare = ada.add("Tablet", ada.enrol())
    return Request(ada.log_in_with_code(), {"name": "Old"}, f"totp/authenticators/{spare.id}/")


def _of_two_by_code(ada: Person) -> Request:
    by_name = _of_two(ada)
    return Request(by_name.credential, {"input_code": ada.next_code()}, by_name.path)


def _step_up(ada: Person) -> Request:
    return Request(ada.enrol(), {"otp_code": ada.next_code()})


def _credentials(ada: Person) -> Request:
    ada.enrol()
    return Request(NOBODY, {"username": ada.name, "password": PASSWORD})


def _challenged(ada: Person) -> Request:
    ada.enrol()
    body = {"totp_challenge_token": ada.challenge(), "otp_code": ada.next_code()}
    return Request(NOBODY, body)


def _refresh(ada: Person) -> Request:
    return Request(NOBODY, {"refresh": ada.give_password().json["refresh"]})


def _token(ada: Person) -> Request:
    return Request(NOBODY, {"token": ada.give_password().json["access"]})


def _browser_credentials(ada: Person) -> Request:
    ada.enrol()
    return Request(Browser(), {"username": ada.name, "password": PASSWORD})


def _browser_challenged(ada: Person) -> Request:
    ada.enrol()
    browser = Browser()
    step = ada.give_password(path="session/create/", credential=browser).json
    body = {"totp_challenge_token": step["totp_challenge_token"], "otp_code": ada.next_code()}
    return Request(browser, body)


def _lost(ada: Person) -> Request:
    ada.enrol()
    ada.user.email = f"{ada.name}@example.org"
    ada.user.save()
    return Request(NOBODY, {"email": ada.user.email})


def _link(ada: Person) -> Request:
    ada.door.post("totp/recovery/", _lost(ada).body)
    path = mail.outbox[-1].body.partition("/totp-recovery/")[2].split()[0]
    uid, token = path.split("/")
    return Request(NOBODY, {"uid": uid, "token": token})


def _link_and_password(ada: Person) -> Request:
    passwords = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    return Request(NOBODY, {**(_link(ada).body or {}), **passwords})


def _browser(ada: Person) -> Request:
    return Request(ada.open_browser())


def _must_enrol(ada: Person) -> Request:
    return Request(NOBODY, {"totp_enrolment_token": ada.enrolment_token()})


def _enrolling(ada: Person) -> Request:
    token = ada.enrolment_token()
    ada.scan("jwt/totp/create/", token, NOBODY)
    return Request(NOBODY, {"totp_enrolment_token": token, "input_code": ada.next_code()})


def _browser_must_enrol(ada: Person) -> Request:
    browser = Browser()
    token = ada.enrolment_token(path="session/create/", credential=browser)
    return Request(browser, {"totp_enrolment_token": token})


def _browser_enrolling(ada: Person) -> Request:
    request = _browser_must_enrol(ada)
    token = (request.body or {})["totp_enrolment_token"]
    ada.scan("session/totp/create/", token, request.credential)
    body = {"totp_enrolment_token": token, "input_code": ada.next_code()}
    return Request(request.credential, body)


CALLS = [
    Call("POST totp/create/", _new),
    Call("POST totp/confirm/", _pending),
    Call("POST totp/disable/", _by_code),
    Call("POST totp/rotate_backup_codes/", _by_backup_code),
    Call("POST totp/replace/", _enrolled),
    Call("GET totp/authenticators/", _enrolled),
    Call("POST totp/authenticators/", _named),
    Call("PATCH totp/authenticators/{authenticator_id}/", _of_two),
    Call("DELETE totp/authenticators/{authenticator_id}/", _of_two_by_code),
    Call("GET totp/status/", _enrolled),
    Call("GET totp/events/", _enrolled),
    Call("GET totp/trusted_devices/", _enrolled),
    Call("DELETE totp/trusted_devices/{device_id}/", _trusting),
    Call("POST totp/verify/", _step_up),
    Call("POST totp/recovery/", _lost),
    Call("POST totp/recovery_confirm/", _link_and_password),
    Call("POST totp/recovery_cancel/", _link),
    Call("POST jwt/create/", _credentials),
    Call("POST jwt/totp/verify/", _challenged),
    Call("POST jwt/totp/create/", _must_enrol),
    Call("POST jwt/totp/confirm/", _enrolling),
    Call("POST jwt/refresh/", _refresh),
    Call("POST jwt/verify/", _token),
    Call("POST session/create/", _browser_credentials),
    Call("POST session/totp/verify/", _browser_challenged),
    Call("POST session/totp/create/", _browser_must_enrol),
    Call("POST session/totp/confirm/", _browser_enrolling),
    Call("POST session/delete/", _browser),
]
