"""Four clients of the demo, each over HTTP: two with tokens, one with cookies, and curl.

They know an address and what they hold; all that a test needs is a POST and its answer.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any, Protocol

import requests

__all__ = ["Client", "CurlClient", "Reply", "SessionClient", "TokenClient"]

_PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Reply:
    """What came back. `headers` finds a name in any case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any


class Client(Protocol):
    """A user of the demo."""

    def log_in(self, name: str, password: str, code: str) -> None:
        """Give the password, then the code, and keep what is handed out."""
        ...

    def verify(self, code: str) -> Reply:
        """Prove the second factor once more, and keep what is handed out."""
        ...

    def endanger(self) -> Reply:
        """Press the button of the danger zone."""
        ...


class _Bearer:
    """What clients with a token have in common. `api` is where the API is mounted."""

    def __init__(self, origin: str, api: str) -> None:
        self._address = f"{origin}/{api}/"
        self._token = ""

    def log_in(self, name: str, password: str, code: str) -> None:
        """Give the password, then the code, and keep the token."""
        first = self._post("jwt/create/", {"username": name, "password": password}).body
        proof = {"totp_challenge_token": first["totp_challenge_token"], "otp_code": code}
        self._token = self._post("jwt/totp/verify/", proof).body["access"]

    def verify(self, code: str) -> Reply:
        """Prove the second factor once more, and keep the newer token."""
        reply = self._post("totp/verify/", {"otp_code": code})
        self._token = reply.body["access"]
        return reply

    def endanger(self) -> Reply:
        """Press the button of the danger zone."""
        return self._post("danger/", {})

    def _post(self, path: str, body: Mapping[str, str]) -> Reply:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return self._send(self._address + path, headers, json.dumps(body))

    def _send(self, address: str, headers: Mapping[str, str], body: str) -> Reply:
        raise NotImplementedError


class TokenClient(_Bearer):
    """A program with a token."""

    def _send(self, address: str, headers: Mapping[str, str], body: str) -> Reply:
        return _reply(requests.post(address, body, headers=headers, timeout=_PATIENCE_SECONDS))


class CurlClient(_Bearer):
    """A terminal. `-q` leaves a `.curlrc` unread."""

    def _send(self, address: str, headers: Mapping[str, str], body: str) -> Reply:
        lines = [part for item in headers.items() for part in ("-H", ": ".join(item))]
        command = ["curl", "-q", "-sS", "-i", "--noproxy", "*", "-X", "POST", "--data", body]
        ran = subprocess.run(
            [*command, *lines, address],
            capture_output=True,
            check=True,
            timeout=_PATIENCE_SECONDS,
        )
        head, _, content = ran.stdout.partition(b"\r\n\r\n")
        status_line, _, fields = head.partition(b"\r\n")
        return Reply(int(status_line.split()[1]), message_from_bytes(fields), json.loads(content))


class SessionClient:
    """A browser: a jar of cookies, and the CSRF token of the moment in a header."""

    def __init__(self, origin: str, jar: requests.Session) -> None:
        self._origin, self._jar = origin, jar
        jar.get(f"{origin}/", timeout=_PATIENCE_SECONDS).raise_for_status()

    def log_in(self, name: str, password: str, code: str) -> None:
        """Give the password, then the code; the session is marked."""
        first = self._post("session/create/", {"username": name, "password": password}).body
        proof = {"totp_challenge_token": first["totp_challenge_token"], "otp_code": code}
        self._post("session/totp/verify/", proof)

    def verify(self, code: str) -> Reply:
        """Prove the second factor once more; the session gets the new time."""
        return self._post("totp/verify/", {"otp_code": code})

    def endanger(self) -> Reply:
        """Press the button of the danger zone."""
        return self._post("danger/", {})

    def _post(self, path: str, body: Mapping[str, str]) -> Reply:
        return _reply(
            self._jar.post(
                f"{self._origin}/api/{path}",
                json=body,
                headers={"X-CSRFToken": self._jar.cookies["csrftoken"]},
                timeout=_PATIENCE_SECONDS,
            )
        )


def _reply(response: requests.Response) -> Reply:
    return Reply(response.status_code, response.headers, response.json())
