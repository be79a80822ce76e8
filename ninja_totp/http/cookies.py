"""Cookies as the credential: with the attributes of the session cookie, and Django's CSRF check."""

from fnmatch import fnmatchcase

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.debug import sensitive_variables

from ninja_totp.core.errors import CsrfFailed, OriginNotTrusted, TotpError

# What `require_csrf` raises.
CSRF_ERRORS = (CsrfFailed, OriginNotTrusted)


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


def _view(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


def passes_csrf(request: HttpRequest) -> bool:
    """Whether the request has a safe method, or comes from a page of this site."""
    request.csrf_processing_done = False  # type: ignore[attr-defined]  # as the middleware sets it
    middleware = CsrfViewMiddleware(_view)  # a new one, because it caches settings
    middleware.process_request(request)
    return middleware.process_view(request, _view, (), {}) is None


def require_csrf(request: HttpRequest) -> None:
    """Raise CsrfFailed, or OriginNotTrusted, unless the request passes."""
    if not passes_csrf(request):
        raise csrf_error(request)


def csrf_error(request: HttpRequest) -> TotpError:
    """Return why a request did not pass: another origin, or no token."""
    return OriginNotTrusted() if is_from_elsewhere(request) else CsrfFailed()


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the request comes from a page of another site."""
    origin = request.headers.get("Origin")
    trusted = [f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS]
    if origin is None or origin in trusted:  # an IPv6 address is a pattern of something else
        return False
    return not any(fnmatchcase(origin, one) for one in trusted if "*" in one)
