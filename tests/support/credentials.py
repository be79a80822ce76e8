"""What a client of the API shows to be let in: nothing, a bearer token, or a browser's cookies.

`Any` is the response of Django's test client.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from django.test import Client

__all__ = ["NOBODY", "Bearer", "Browser", "Credential", "Headers"]


class Credential(Protocol):
    """Sends a request on behalf of somebody."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What makes a request one of theirs."""
        ...

    def send(self, method: str, url: str, **extra: Any) -> Any:
        """Return the response to one request."""
        ...


class _Nobody:
    headers: Mapping[str, str] = {}

    def send(self, method: str, url: str, **extra: Any) -> Any:
        return Client().generic(method, url, **extra)


NOBODY: Credential = _Nobody()


class Headers:
    """Headers that go with each request. Keeps no cookies."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def send(self, method: str, url: str, **extra: Any) -> Any:
        """Return the response to one request."""
        headers = {**self.headers, **extra.pop("headers", {})}
        return Client().generic(method, url, headers=headers, **extra)


class Bearer(Headers):
    """A token in the Authorization header."""

    def __init__(self, token: str) -> None:
        super().__init__({"Authorization": f"Bearer {token}"})
        self.token = token


class Browser:
    """A jar of cookies that sends the CSRF token as a page would; Django checks it."""

    def __init__(self) -> None:
        self._client = Client(enforce_csrf_checks=True)
        self._client.cookies["csrftoken"] = "c" * 32
        self._client.cookies["csrftoken"]["path"] = "/"

    @property
    def headers(self) -> Mapping[str, str]:
        """The cookies as they are now, and the CSRF token."""
        cookies = "; ".join(
            f"{name}={cookie.value}" for name, cookie in self._client.cookies.items()
        )
        return {"Cookie": cookies, "X-CSRFToken": self.csrf_token}

    @property
    def session_key(self) -> str | None:
        """The key in the session cookie."""
        cookie = self._client.cookies.get("sessionid")
        return cookie.value or None if cookie is not None else None

    @property
    def csrf_token(self) -> str:
        """The CSRF token that pages of this browser send."""
        return self._client.cookies["csrftoken"].value

    def cookie(self, name: str) -> str:
        """Return the value of one cookie."""
        value: str = self._client.cookies[name].value
        return value

    def send(self, method: str, url: str, **extra: Any) -> Any:
        """Return the response to one request."""
        headers = {"X-CSRFToken": self.csrf_token} | extra.pop("headers", {})
        return self._client.generic(method, url, headers=headers, **extra)

    def log_in_at_djangos_view(self, user: Any, password: str) -> None:
        """Log in as a login view of Django's does."""
        assert self._client.login(username=user.get_username(), password=password)

    def without_csrf_token(self) -> Credential:
        """Return what a foreign page can do in this browser: cookies, but not the token."""
        return _ForeignPage(self._client)


class _ForeignPage:
    headers: Mapping[str, str] = {}

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, method: str, url: str, **extra: Any) -> Any:
        return self._client.generic(method, url, **extra)
