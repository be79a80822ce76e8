"""django-allauth 65.21.1, `allauth.mfa` through its headless API for apps (session tokens)."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

import json
import time
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, current_code, post

__all__ = ["stack"]

_BASE = "/_allauth/app/v1/auth"


class Allauth:
    """Prepares second steps by taking first steps through allauth's own API."""

    applications: ClassVar = (
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.headless",
    )
    middleware: ClassVar = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    )
    settings: ClassVar[dict[str, Any]] = {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
        "HEADLESS_ONLY": True,
        "HEADLESS_FRONTEND_URLS": {},
        "MFA_TOTP_TOLERANCE": 1,
    }
    cases: ClassVar = ("verify",)

    def __init__(self) -> None:
        self._last_code = ""

    def seed(self, users: int) -> None:
        """Create enrolled users."""
        from allauth.mfa.models import Authenticator
        from allauth.mfa.utils import encrypt

        from benchmarks.stacks import users as people

        people.create_users(users)
        Authenticator.objects.bulk_create(
            Authenticator(user=owner, type="totp", data={"secret": encrypt(SECRET)})
            for owner in people.enrolled()
        )

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls of `case`.

        allauth remembers used codes in the server's cache, so that each round needs a code of its
        own: this waits for it, up to one period.
        """
        from benchmarks.stacks import users as people

        tokens = [_first_step(owner.username) for owner in people.enrolled(count)]
        while current_code() == self._last_code:
            time.sleep(0.5)
        self._last_code = current_code()
        body = json.dumps({"code": self._last_code})
        return [
            post(f"{_BASE}/2fa/authenticate", body, {"X-Session-Token": token}) for token in tokens
        ]


def _first_step(username: str) -> str:
    from django.test import Client

    from benchmarks.stacks import users as people

    call = post(f"{_BASE}/login", json.dumps({"username": username, "password": people.PASSWORD}))
    answer = Client().post(
        call.path, call.body, content_type="application/json", headers=call.headers
    )
    token: str = answer.json()["meta"]["session_token"]
    return token


stack = Allauth()
