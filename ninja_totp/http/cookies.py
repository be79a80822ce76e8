"""Cookies that hold a credential: out of reach of scripts, with the attributes of the session's."""

from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables
from pydantic import BaseModel

from ninja_totp.http.csrf import require_csrf

M = TypeVar("M", bound=BaseModel)


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
    """Return the cookie, None if there is none. Raises CsrfFailed, or OriginNotTrusted, unless a
    page of this site sends it: a browser adds it to the request of any page.
    """
    value = request.COOKIES.get(name) if name else None
    if value:
        require_csrf(request)
    return value or None


def cookies_of(issuer: Any) -> dict[str, str]:
    """Return in which cookies an issuer keeps its tokens, by their names in a body."""
    named: dict[str, str | None] = getattr(issuer, "cookies", {})
    return {kind: name for kind, name in named.items() if name}


@sensitive_variables()
def into_cookies(answer: M, issuer: Any, response: HttpResponse) -> M:
    """Put tokens that the issuer keeps in cookies into `response`, and return what is left."""
    cookies = cookies_of(issuer)
    moved = answer.model_fields_set & cookies.keys()
    if not moved:
        return answer
    for kind in moved:
        lifetime = issuer.lifetime_seconds(kind)
        set_cookie(response, cookies[kind], getattr(answer, kind), max_age=lifetime)
    shown = answer.model_fields_set - moved
    return type(answer).model_construct(**{name: getattr(answer, name) for name in shown})
