"""Users as they meet the API: a name, a password, a phone with an authenticator, a paper list.

A person acts through a door, but for `enrol`, `log_in` and `fail`, and remembers what a user would:
the secret in the phone, the backup codes on paper.
"""

import json
from contextlib import suppress
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.test import override_settings

from ninja_totp.core.errors import InvalidCode, Locked
from ninja_totp.core.otp import OtpParameters, code_at_step
from ninja_totp.services import (
    Proof,
    begin_login_for,
    complete_login,
    confirm_totp_setup,
    create_totp_setup,
    generate_challenge_token,
)
from tests.support.clock import StoppedClock
from tests.support.credentials import NOBODY, Bearer, Browser, Credential
from tests.support.doors import Answer, Door

__all__ = ["NEW_PASSWORD", "PASSWORD", "Person", "Spare", "code_of", "wrong_code_of"]

PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "another horse, and no battery"
_PARAMETERS = OtpParameters()
_PERIOD = _PARAMETERS.period_seconds


def code_of(secret: str, at: int) -> str:
    """Return what an authenticator with `secret` shows at epoch second `at`."""
    return code_at_step(secret, at // _PERIOD, _PARAMETERS)


def wrong_code_of(secret: str, at: int) -> str:
    """Return six digits that the authenticator shows at no time near `at`."""
    return _wrong_code_at(secret, at // _PERIOD)


@cache
def _wrong_code_at(secret: str, step: int) -> str:
    near = {code_at_step(secret, step + offset, _PARAMETERS) for offset in range(-25, 26)}
    return next(code for code in (f"{number:06}" for number in range(100)) if code not in near)


class Spare:
    """One more authenticator of a user's; `confirmed` is the answer that put it into use."""

    confirmed: Answer

    def __init__(self, authenticator_id: str, secret: str, clock: StoppedClock) -> None:
        self.id, self.secret, self.clock = authenticator_id, secret, clock

    def code(self, *, steps: int = 0) -> str:
        """Return what it shows now, or `steps` steps from now."""
        return code_of(self.secret, self.clock.now() + steps * _PERIOD)

    def next_code(self) -> str:
        """Wait for the next code and return it: one that was not used before."""
        self.clock.advance(_PERIOD)
        return self.code()


class Person:
    """A user of the site, with everything that belongs to them."""

    def __init__(self, door: Door, clock: StoppedClock, name: str) -> None:
        self.door, self.clock, self.name = door, clock, name
        self.user: Any = get_user_model().objects.create_user(name, password=PASSWORD)
        self.password = PASSWORD
        self.secret = ""
        self.backup_codes: list[str] = []

    def code(self, *, steps: int = 0) -> str:
        """Return what the phone shows now, or `steps` steps from now."""
        return code_of(self.secret, self.clock.now() + steps * _PERIOD)

    def next_code(self) -> str:
        """Wait for the next code and return it: one that was not used before."""
        self.clock.advance(_PERIOD)
        return self.code()

    def wrong_code(self) -> str:
        """Return a code that is not right now, nor at any time near."""
        return wrong_code_of(self.secret, self.clock.now())

    def start(self, credential: Credential) -> None:
        """Start an enrolment and scan the code."""
        self.secret = self.door.post("totp/create/", credential=credential).json["secret"]

    def confirm(self, credential: Credential) -> Answer:
        """Confirm what is pending by a fresh code, and write the backup codes down."""
        body = {"input_code": self.next_code()}
        answer = self.door.post("totp/confirm/", body, credential)
        self.backup_codes = answer.json["backup_codes"]
        return answer

    def enrol(self) -> Bearer:
        """Enrol; return the verified token that confirming gives.

        Without the three calls of a client, which most tests are not about.
        """
        self.secret = create_totp_setup(self.user).secret
        done = confirm_totp_setup(self.user, self.next_code(), api=self.door.name)
        self.backup_codes = done.backup_codes
        tokens = self.door.issuer.log_in(HttpRequest(), self.user, done.auth_context)
        return Bearer(tokens["access"])

    def enrol_by_calls(self) -> Bearer:
        """Enrol as a client does; return the verified token that confirming gave."""
        credential = Bearer(self.give_password().json["access"])
        self.start(credential)
        return Bearer(self.confirm(credential).json["access"])

    def add(self, name: str, credential: Credential) -> "Spare":
        """Add and confirm one more authenticator of this name."""
        answer = self.door.post("totp/authenticators/", {"name": name}, credential)
        spare = Spare(answer.json["id"], answer.json["secret"], self.clock)
        body = {"input_code": spare.next_code()}
        spare.confirmed = self.door.post("totp/confirm/", body, credential)
        return spare

    def enrol_as_required(self) -> Bearer:
        """Enrol with the token of a site that wants a factor; return the verified token."""
        token = self.enrolment_token()
        self.scan("jwt/totp/create/", token)
        body = {"totp_enrolment_token": token, "input_code": self.next_code()}
        return Bearer(self.door.post("jwt/totp/confirm/", body).json["access"])

    def give_password(
        self, *, path: str = "jwt/create/", credential: Credential = NOBODY, **other: str
    ) -> Answer:
        """Take the first step of a login."""
        body = {get_user_model().USERNAME_FIELD: self.name, "password": self.password} | other
        return self.door.post(path, body, credential)

    def log_in(self) -> Bearer:
        """Log in by password alone, which is enough before enrolling.

        Without the call of a client, which most tests are not about.
        """
        user = get_user_model()._base_manager.get(pk=self.user.pk)
        step = begin_login_for(user, None, api=self.door.name)
        return Bearer(self.door.issuer.log_in(HttpRequest(), user, step.auth_context)["access"])

    def challenge(self) -> str:
        """Take the first step; return the challenge for the second."""
        challenge: str = self.give_password().json["totp_challenge_token"]
        return challenge

    def enrolment_token(self, **step: Any) -> str:
        """Take the first step where the site wants a factor of everybody; return its token."""
        with override_settings(TOTP_REQUIRED="all"):
            token: str = self.give_password(**step).json["totp_enrolment_token"]
        return token

    def scan(self, path: str, token: str, credential: Credential = NOBODY) -> None:
        """Start the enrolment that an enrolment token is for, and scan the code."""
        answer = self.door.post(path, {"totp_enrolment_token": token}, credential)
        self.secret = answer.json["secret"]

    def answer_challenge(self, challenge: str, **proof: Any) -> Answer:
        """Take the second step with whatever `proof` holds."""
        return self.door.post("jwt/totp/verify/", {"totp_challenge_token": challenge} | proof)

    def log_in_with_code(self) -> Bearer:
        """Log in with both factors."""
        answer = self.answer_challenge(self.challenge(), otp_code=self.next_code())
        return Bearer(answer.json["access"])

    def fail(self, times: int) -> None:
        """Let somebody who knows the password guess wrong `times` times.

        Without the calls of a client, as in `enrol`.
        """
        user = get_user_model()._base_manager.get(pk=self.user.pk)
        for _ in range(times):
            with suppress(InvalidCode, Locked):
                proof = Proof(otp_code=self.wrong_code())
                complete_login(generate_challenge_token(user), proof, api=self.door.name)

    def open_browser(self) -> Browser:
        """Log in by password alone in a new browser; the session carries no mark."""
        browser = Browser()
        body = json.dumps({get_user_model().USERNAME_FIELD: self.name, "password": self.password})
        # At the Ninja door: the other one has no such call, and shares the session.
        browser.send("POST", "/ninja/session/create/", data=body, content_type="application/json")
        return browser
