"""The two doors as clients: a path of API.md in, an answer out.

What is the same for both doors is tested through these; where the documented contract differs
(a missing field), the client knows how its door says so.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

from ninja_totp.http.issuers import CredentialIssuer, NinjaJWT, SimpleJWT
from tests.contract.errors import NOT_AUTHENTICATED
from tests.support.credentials import NOBODY, Credential

__all__ = ["Answer", "Door", "DrfDoor", "NinjaDoor"]

_NOTHING: Any = object()
_UNAUTHENTICATED = ("not_authenticated", "token_not_valid")


@dataclass(frozen=True)
class Answer:
    """A response as its reader sees it."""

    status: int
    content: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, response: HttpResponse) -> "Answer":
        """Return what `response` says."""
        return cls(response.status_code, response.content, dict(response.headers))

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.content)

    @property
    def outcome(self) -> tuple[int, Any]:
        """Status and body, to be compared as a whole, but for `attempts_left`."""
        body = self.json if self.content else None
        if isinstance(body, dict):
            body.pop("attempts_left", None)
        return self.status, body

    @property
    def attempts_left(self) -> int | None:
        """How many more wrong codes are checked; a refusal counts it down."""
        left: int | None = self.json.get("attempts_left")
        return left


class Door:
    """A client of one door. Every answer of a door is one that no cache keeps."""

    name: str
    prefix: str
    issuer: CredentialIssuer
    invalid_status: int
    # How long a challenge lives where the project does not say.
    challenge_seconds: int

    def get(self, path: str, credential: Credential = NOBODY) -> Answer:
        """GET `path`, which is relative to the API's prefix."""
        return self._answer(credential.send("GET", self.prefix + path))

    def post(self, path: str, body: Any = _NOTHING, credential: Credential = NOBODY) -> Answer:
        """POST `body` as JSON; without one, an empty request without a content type."""
        if body is _NOTHING:
            return self.post_raw(path, b"", "", credential)
        return self.post_raw(path, json.dumps(body).encode(), "application/json", credential)

    def delete(
        self, path: str, credential: Credential = NOBODY, body: dict[str, Any] | None = None
    ) -> Answer:
        """DELETE `path`, without a body unless one is given."""
        if body is not None:
            return self._send("DELETE", path, body, credential)
        url = self.prefix + path
        return self._answer(credential.send("DELETE", url, content_type=""))

    def patch(self, path: str, body: dict[str, Any], credential: Credential = NOBODY) -> Answer:
        """PATCH `path` with `body` as JSON."""
        return self._send("PATCH", path, body, credential)

    def _send(self, method: str, path: str, body: Any, credential: Credential) -> Answer:
        url, data = self.prefix + path, json.dumps(body).encode()
        sent = credential.send(method, url, data=data, content_type="application/json")
        return self._answer(sent)

    def post_raw(
        self, path: str, body: bytes, content_type: str, credential: Credential = NOBODY
    ) -> Answer:
        """POST bytes as they are."""
        url = self.prefix + path
        return self._answer(credential.send("POST", url, data=body, content_type=content_type))

    @staticmethod
    def _answer(response: HttpResponse) -> Answer:
        assert "no-store" in response.headers.get("Cache-Control", ""), response
        return Answer.of(response)

    def missing(self, name: str) -> tuple[int, Any]:
        """Return the outcome of a request that lacks the field `name`."""
        raise NotImplementedError

    def takes_for_nobody(self, answer: Answer) -> bool:
        """Whether `answer` says that the caller is not signed in."""
        raise NotImplementedError

    def status_of_unknown_kind(self, success: int) -> int:
        """Return the status when a project's own token changes a factor without a code."""
        raise NotImplementedError


class NinjaDoor(Door):
    """`ninja_totp.api` as tests/urls.py mounts it."""

    name = "ninja"
    prefix = "/ninja/"
    issuer = NinjaJWT()
    invalid_status = 422
    challenge_seconds = 300

    def missing(self, name: str) -> tuple[int, Any]:
        """422 and the envelope."""
        return 422, {
            "detail": "Some fields are missing or invalid.",
            "code": "invalid_request",
            "fields": {name: ["Field required"]},
        }

    def takes_for_nobody(self, answer: Answer) -> bool:
        """401 with the one envelope for it."""
        return answer.outcome == NOT_AUTHENTICATED

    def status_of_unknown_kind(self, success: int) -> int:
        """403: what is not known to be verified is not."""
        return 403


class DrfDoor(Door):
    """`drf_compat.urls` as tests/urls.py includes it."""

    name = "drf"
    prefix = "/drf/"
    issuer = SimpleJWT()
    invalid_status = 400
    challenge_seconds = 120  # as documented

    def missing(self, name: str) -> tuple[int, Any]:
        """400 in the shape of Django REST Framework's own validation."""
        return 400, {name: ["This field is required."]}

    def takes_for_nobody(self, answer: Answer) -> bool:
        """401 in the words of the project's own authentication, with a code."""
        return answer.status == 401 and answer.json["code"] in _UNAUTHENTICATED

    def status_of_unknown_kind(self, success: int) -> int:
        """Success, as django-totp documents it, where TOTP_REQUIRE_CODE is off."""
        return success
