"""One of the two packages as a client and a user of its documented API see it.

Nothing here knows which of the two it is but where a secret is found: django-totp shows it in the
QR code alone.
"""

import re
import time
from importlib import import_module

import pyotp
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

__all__ = ["PASSWORD", "Side"]

PASSWORD = "correct horse battery"
_LINK = re.compile("/totp-recovery/([^/]+)/([^/\\s]+)")
_PERIOD = 30


class Side:
    """A user, Ada, at one of the packages."""

    def __init__(self, package, monkeypatch, settings):
        self.package = package
        self._monkeypatch = monkeypatch
        self._settings = settings
        self.client = APIClient(raise_request_exception=False)
        self.user = get_user_model().objects.create_user(
            f"{package}@example.org", f"{package}@example.org", PASSWORD
        )
        self.backup_codes = []
        self.secret = ""
        # No code may grow old between being computed and being sent.
        if time.time() % _PERIOD > _PERIOD - 8:
            time.sleep(_PERIOD - time.time() % _PERIOD + 0.1)

    def expire(self):
        """Let so much time pass that a challenge is too old, at either package."""
        later = int(time.time()) + 121
        self._monkeypatch.setattr("django_totp.auth.TOKEN_MAX_AGE", -1)
        self._monkeypatch.setattr("ninja_totp.clock.now", lambda: later)

    def limit(self, rate):
        """Allow so many requests, at either package."""
        cache.clear()
        self._monkeypatch.setattr("django_totp.throttle.THROTTLE_RATE", rate)
        self._settings.TOTP_THROTTLE_RATE = rate

    def helper(self, module, name):
        """A documented helper."""
        return getattr(import_module(f"{self.package}.{module}"), name)

    def post(self, path, body=None, format_="json", **extra):
        """POST to a path below the prefix; without a body, an empty request."""
        return self.client.post(f"/{self.package}/{path}", body, format=format_, **extra)

    def signed_in(self):
        """Let Ada in by a token of the project's own, as django-totp knows no other."""
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(self.user)}")
        return self

    def signed_out(self):
        """Send no credential any more."""
        self.client.credentials()
        return self

    def code(self, steps=0):
        """What Ada's phone shows now, or `steps` steps from now."""
        return pyotp.TOTP(self.secret).at(time.time() + steps * _PERIOD)

    def pending(self):
        """Start an enrolment."""
        answer = self.signed_in().post("totp/create/").json()
        self.secret = answer.get("secret") or self._stored_secret()
        return self

    def _stored_secret(self):
        row = import_module(f"{self.package}.models").Totp.objects.get(user=self.user)
        return self.helper("encryption", "decrypt")(row.secret_key)

    def enrolled(self):
        """Enrol with the code before the present one, so that the present one is unused."""
        answer = self.pending().post("totp/confirm/", {"input_code": self.code(-1)})
        self.backup_codes = answer.json()["backup_codes"]
        return self

    def credentials(self, **other):
        """The body of a first step."""
        return {"username": self.user.username, "password": PASSWORD} | other

    def challenge(self):
        """Take the first step of a login."""
        answer = self.signed_out().post("jwt/create/", self.credentials())
        return answer.json()["totp_challenge_token"]

    def answer(self, challenge=None, **proof):
        """Take the second step."""
        body = {"totp_challenge_token": challenge or self.challenge()} | proof
        return self.signed_out().post("jwt/totp/verify/", body)

    def link(self):
        """Ask for a recovery, and return the two parts of the link."""
        self.signed_out().post("totp/recovery/", {"email": self.user.email})
        uid, token = _LINK.search(mail.outbox[-1].body).groups()
        return {"uid": uid, "token": token}

    def recover(self, **parts):
        """Confirm a recovery; `parts` replace those of a right one."""
        body = {**({} if {"uid", "token"} <= parts.keys() else self.link()), "password": PASSWORD}
        return self.signed_out().post("totp/recovery_confirm/", body | parts)
