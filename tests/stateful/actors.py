"""People who act through the doors, hold the answer against their history, and write it down.

An answer that the history does not justify fails here; what nobody asked for is looked at by the
invariants in `machine.py`.
"""

import json
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from django.contrib.auth import get_user_model
from ninja_jwt.tokens import AccessToken

from tests.stateful.history import (
    MOST_ATTEMPTS,
    Account,
    Challenge,
    Device,
    Factor,
    Key,
    Typed,
    none,
)
from tests.stateful.typing_in import typed, typed_code, typed_for
from tests.support.clock import StoppedClock
from tests.support.credentials import Bearer, Browser
from tests.support.doors import Answer, Door, DrfDoor, NinjaDoor
from tests.support.people import code_of

__all__ = ["DOORS", "Site"]

DOORS: list[Door] = [NinjaDoor()]
if find_spec("drf_compat") and find_spec("drf_compat.urls"):
    DOORS.append(DrfDoor())

DEVICE_MAX_AGE = 30 * 86_400
STEP_UP_MAX_AGE, PENDING_MAX_AGE, CHALLENGE_MAX_AGE = 900, 600, 300


@dataclass
class Site:
    """The accounts of a site, the clock on its wall, and all that was handed out."""

    clock: StoppedClock
    accounts: list[Account]
    keys: list[Key] = field(default_factory=list)
    challenges: list[Challenge] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)

    @property
    def now(self) -> int:
        """Epoch second of the virtual clock."""
        return self.clock.now()

    def other(self, account: Account) -> Account:
        """Return somebody else's account."""
        return next(one for one in self.accounts if one is not account)

    def give_password(
        self, account: Account, door: Door, device: Device | None, token: str
    ) -> None:
        """Take the first step; `token` is one that the device was given at some time."""
        name = get_user_model().USERNAME_FIELD
        body = {name: account.person.username, "password": account.password}
        answer = door.post("jwt/create/", body | ({"trusted_device_token": token} if token else {}))
        is_trusted = self._is_let_in(account, device, token)

        assert answer.status == 200
        assert answer.json["is_totp_enabled"] is (account.factor is not None and not is_trusted)
        if answer.json["is_totp_enabled"]:
            self._got_challenge(account, answer.json["totp_challenge_token"], door)
            return
        self._got_tokens(account, answer)
        if device is not None and is_trusted:
            device.tokens.append(answer.json["trusted_device_token"])

    def _is_let_in(self, account: Account, device: Device | None, token: str) -> bool:
        if device is None or account.factor is None or device.account is not account:
            return False
        if not device.is_trusted(self.now):
            return False
        # One that comes a second time was copied: nobody is trusted any more.
        device.is_revoked = token != device.tokens[-1]
        return not device.is_revoked

    def _got_challenge(self, account: Account, token: str, door: Door) -> None:
        for one in self.challenges:
            one.is_used |= one.account is account and one.until < self.now
        until = self.now + door.challenge_seconds
        number = account.factor_number
        self.challenges.append(Challenge(account, token, number, account.passwords, until))

    def _got_tokens(self, account: Account, answer: Answer, *, proved: bool = False) -> None:
        self.keys.append(
            Key(
                account,
                Bearer(answer.json["access"]),
                is_session=False,
                password_number=account.passwords,
                login_at=account.moment(self.now),
                proved_at=account.moment(self.now) if proved else None,
                factor_number=account.factor_number if proved else 0,
                refresh=answer.json["refresh"],
            )
        )

    def answer_challenge(self, challenge: Challenge, door: Door, how: str, device: str) -> None:
        """Take the second step."""
        account = challenge.account
        proof = typed(account, self.other(account), how, self.now)
        body = {"totp_challenge_token": challenge.token} | proof.body
        trust = {"trust_device": device} if device else {}
        answer = door.post("jwt/totp/verify/", body | trust)

        if not challenge.is_open(self.now):
            assert (answer.status, answer.json["code"]) == (400, "invalid_challenge")
        elif self._judged(account, proof, answer, challenge):
            challenge.is_used = True
            self._got_tokens(account, answer, proved=True)
            self._got_device(account, answer, device)

    def _got_device(self, account: Account, answer: Answer, name: str) -> None:
        assert ("trusted_device_token" in answer.json) is bool(name)
        if name:
            for one in self.devices:
                one.is_revoked |= one.account is account and one.until <= self.now
            until = self.now + DEVICE_MAX_AGE
            tokens = [answer.json["trusted_device_token"]]
            self.devices.append(
                Device(
                    account,
                    name,
                    tokens,
                    account.factor_number,
                    account.passwords,
                    until,
                    DEVICE_MAX_AGE,
                )
            )

    def open_browser(self, account: Account, how: str) -> None:
        """Log in with a session, by both steps at once where there are two."""
        browser, name = Browser(), get_user_model().USERNAME_FIELD
        body = {name: account.person.username, "password": account.password}
        first = _send(browser, "session/create/", body)
        key = Key(account, browser, True, account.passwords, account.moment(self.now))
        if not first.json["is_totp_enabled"]:
            self.keys.append(key)
            return
        self._got_challenge(account, first.json["totp_challenge_token"], DOORS[0])
        challenge = self.challenges.pop()  # it is of use in this browser alone
        proof = typed(account, self.other(account), how, self.now)
        answer = _send(
            browser, "session/totp/verify/", {"totp_challenge_token": challenge.token} | proof.body
        )
        if self._judged(account, proof, answer, challenge):
            key.proved_at, key.factor_number = account.moment(self.now), account.factor_number
            self.keys.append(key)

    def _judged(
        self,
        account: Account,
        proof: Typed,
        answer: Answer,
        challenge: Challenge | None = None,
    ) -> bool:
        """Hold the answer to a proof against the history; whether it was accepted."""
        assert account.factor is not None
        is_locked = account.is_locked(proof.method, self.now)
        is_looked_at = not is_locked or (proof.is_pair and challenge is not None)
        assert (answer.status == 429) is not is_looked_at
        if not is_looked_at:
            return False
        assert (answer.status < 300) is proof.is_right, (proof.method, answer.status)
        refund = challenge.wrong if challenge is not None else none()
        if proof.is_right:
            self._accepted(account, proof)
            account.was_right(refund, self.now)
        elif not is_locked:  # a wrong pair under a lock costs its challenge alone
            account.was_wrong(proof.method, self.now)
            refund[proof.method] += account.cost(proof.method)
        if challenge is not None:
            challenge.attempts += 1
        return proof.is_right

    @staticmethod
    def _accepted(account: Account, proof: Typed) -> None:
        if proof.accepted_by is not None:
            assert proof.step not in proof.accepted_by.used
            proof.accepted_by.used.add(proof.step)
        else:
            assert proof.body["backup_code"] not in account.used_codes
            account.codes.remove(proof.body["backup_code"])
            account.used_codes.append(proof.body["backup_code"])

    def gets_token_of_the_project(self, account: Account) -> None:
        """Log in at a view of the project's own, whose tokens say nothing of a login."""
        token = Bearer(str(AccessToken.for_user(account.person)))
        self.keys.append(Key(account, token, False, account.passwords, self.now, is_dated=False))

    def create(self, key: Key, door: Door) -> None:
        """Start an enrolment."""
        answer = door.post("totp/create/", credential=key.credential)

        if key.has_ended():
            assert answer.status == 401
        elif key.account.factor is not None:
            assert (answer.status, answer.json["code"]) == (400, "already_enabled")
        else:
            assert answer.status == 201
            pending = key.account.pending
            assert pending is None or pending.secret not in answer.content.decode()
            self.got_secret(key.account, answer)

    def got_secret(self, account: Account, answer: Answer, *, is_added: bool = False) -> None:
        """Write down that a new secret waits for its confirmation."""
        account.pending = Factor(0, answer.json["secret"], is_added=is_added)
        account.pending_until = self.now + PENDING_MAX_AGE

    def confirm(self, key: Key, door: Door, how: str, *, mine: Factor | None = None) -> None:
        """Confirm an enrolment or a replacement; with `mine` by a code of that very secret."""
        account, pending = key.account, key.account.pending
        proof = typed_for(pending, account, self.other(account), how, self.now)
        if mine is not None:
            proof = typed_code(pending, code_of(mine.secret, self.now), self.now)
        body = {"input_code": proof.body["otp_code"]}
        may_rise = account.factor is None or key.has_proved_factor()
        answer = door.post("totp/confirm/", body, key.credential)

        if key.has_ended():
            assert answer.status == 401
        elif pending is None or self.now >= account.pending_until:
            assert answer.status == 400
        elif self._is_confirmed(pending, proof, answer):
            account.was_right(none(), self.now)
            if pending.is_added:
                assert answer.json["backup_codes"] == []
                account.is_joined(proof.step)
            else:
                account.comes_into_use(answer.json["backup_codes"], proof.step, self.now)
            if may_rise:
                self._is_renewed(key, answer)
            else:
                assert "access" not in answer.json

    @staticmethod
    def _is_confirmed(pending: Factor, proof: Typed, answer: Answer) -> bool:
        """Hold the answer to a code of the pending secret against what was tried at it.

        Its failures are its own: a lock of the account does not keep it from being confirmed.
        """
        if pending.wrong >= MOST_ATTEMPTS:
            assert (answer.status, answer.json["code"]) == (429, "locked")
            return False
        pending.wrong += not proof.is_right
        assert answer.status == (200 if proof.is_right else 400)
        return proof.is_right

    def verify(self, key: Key, door: Door, how: str) -> None:
        """Step up."""
        account = key.account
        proof = typed(account, self.other(account), how, self.now)
        answer = door.post("totp/verify/", proof.body, key.credential)

        if key.has_ended():
            assert answer.status == 401
        elif account.factor is None:
            assert (answer.status, answer.json["code"]) == (400, "not_enrolled")
        elif self._judged(account, proof, answer):
            self._is_renewed(key, answer)

    def _is_renewed(self, key: Key, answer: Answer) -> None:
        if not key.is_dated:
            assert "access" not in answer.json
        elif key.is_session:
            key.proved_at = key.account.moment(self.now)
            key.factor_number = key.account.factor_number
        else:
            self._got_tokens(key.account, answer, proved=True)

    def change(self, key: Key, door: Door, path: str, how: str, **body: str) -> Answer | None:
        """Ask for a change of the factor, with a code or by the credential's own standing.

        One authenticator's path asks for its removal. Returns the answer where it was made.
        """
        account = key.account
        proof = typed(account, self.other(account), how, self.now) if how else None
        body |= _as_change(proof) if proof is not None else {}
        if path.startswith("totp/authenticators/") and "name" not in body:
            answer = door.delete(path, key.credential, body)
        else:
            answer = door.post(path, body, key.credential)

        if key.has_ended():
            assert answer.status == 401
        elif account.factor is None:
            return self._called_off(account, path, answer)
        elif proof is not None:
            return answer if self._judged(account, proof, answer) else None
        elif key.is_justified(self.now, STEP_UP_MAX_AGE):
            assert answer.status < 300
            return answer
        else:
            assert (answer.status, answer.json["code"]) == (403, "second_factor_required")
        return None

    @staticmethod
    def _called_off(account: Account, path: str, answer: Answer) -> Answer | None:
        if path == "totp/disable/" and account.pending is not None:
            assert answer.status == 204
            return answer
        assert (answer.status, answer.json["code"]) == (400, "not_enrolled")
        return None

    @staticmethod
    def look(key: Key, door: Door, pending: Factor) -> None:
        """Read what can be read of the factor: nothing shows a secret that waits."""
        for path in ("totp/status/", "totp/events/", "totp/authenticators/"):
            assert pending.secret not in door.get(path, key.credential).content.decode()

    def refresh(self, key: Key, door: Door) -> None:
        """Exchange the refresh token of a bearer."""
        answer = door.post("jwt/refresh/", {"refresh": key.refresh})

        if key.has_ended() or key.is_outdated():
            assert answer.status == 401
            return
        assert answer.status == 200
        credential = Bearer(answer.json["access"])
        self.keys.append(Key(**{**vars(key), "credential": credential}))


def _as_change(proof: Typed) -> dict[str, Any]:
    # Of a pair, the calls that change a factor know nothing.
    code = proof.body.get("otp_code")
    return proof.body if code is None else {"input_code": code}


def _send(browser: Browser, path: str, body: dict[str, Any]) -> Answer:
    url, data = DOORS[0].prefix + path, json.dumps(body)
    return Answer.of(browser.send("POST", url, data=data, content_type="application/json"))
