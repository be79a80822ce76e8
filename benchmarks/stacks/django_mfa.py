"""django-mfa 4.6.1 through its JSON API, with Django's session and its CSRF token."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

import json
import secrets
from typing import Any, ClassVar

from benchmarks.stacks import SECRET, Call, current_code, post

__all__ = ["stack"]


class DjangoMfa:
    """Prepares the second step of sessions that were opened by `force_login`."""

    applications: ClassVar = (
        "django.contrib.sessions",
        "django.contrib.messages",
        "django_mfa",
    )
    middleware: ClassVar = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_mfa.middleware.MfaMiddleware",
    )
    settings: ClassVar[dict[str, Any]] = {
        "MFA_SECRET_ENCRYPTION_KEYS": ["a-key-that-everybody-knows-0123456789"],
        "MFA_VERIFY_IP_RATE_LIMIT": "1000000/5m",
        "MFA_VERIFY_RATE_LIMIT": "1000000/5m",
    }
    cases: ClassVar = ("verify",)

    def seed(self, users: int) -> None:
        """Create enrolled users."""
        from django_mfa.crypto import encrypt
        from django_mfa.models import Authenticator

        from benchmarks.stacks import users as people

        people.create_users(users)
        Authenticator.objects.bulk_create(
            Authenticator(user=owner, type="totp", data={"secret": encrypt(SECRET)})
            for owner in people.enrolled()
        )

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls of `case`."""
        from django_mfa.crypto import encrypt
        from django_mfa.models import Authenticator, RateLimitCounter

        from benchmarks.stacks import users as people

        RateLimitCounter.objects.all().delete()
        Authenticator.objects.update(data={"secret": encrypt(SECRET)})
        cookies = [_pending_session(owner) for owner in people.enrolled(count)]
        csrf = secrets.token_hex(16)
        body = json.dumps({"code": current_code()})
        return [
            post(
                "/api/mfa/verify/totp/complete/",
                body,
                {"Cookie": f"sessionid={cookie}; csrftoken={csrf}", "X-CSRFToken": csrf},
            )
            for cookie in cookies
        ]


def _pending_session(owner: Any) -> str:
    from django.test import Client

    client = Client()
    client.force_login(owner)
    return client.cookies["sessionid"].value


stack = DjangoMfa()
