"""The cookie by which a login with a session knows a trusted device again."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ninja_totp.conf import get_settings
from ninja_totp.http.login import DEVICE_COOKIE

__all__ = ["keep_device"]


def keep_device(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the cookie, if the call has given the device a new token.

    It goes where the cookie of the session goes, and no script reads it. The server knows the day
    on which the trust ends; the cookie may outlive it.
    """
    token: str | None = getattr(request, "ninja_totp_device", None)
    if token is None:
        return
    response.set_cookie(
        DEVICE_COOKIE,
        token,
        max_age=get_settings().trusted_device_max_age,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE or "Lax",
    )
