"""HttpOnly cookies for credentials, with the attributes of the session cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from ninja_totp.http.csrf import require_csrf


@sensitive_variables()
def set_cookie(response: HttpResponse, name: str, value: str, *, max_age: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE or "Lax",
    )


def cookie_of(request: HttpRequest, name: str | None) -> str | None:
    """Return the cookie, or None.

    Raises CsrfFailed or OriginNotTrusted unless a page of this site sends it, because a browser
    adds cookies to the requests of any page.
    """
    value = request.COOKIES.get(name) if name else None
    if value:
        require_csrf(request)
    return value or None
