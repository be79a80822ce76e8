"""Projects that mount our routers: their APIs, their handlers, their authentication."""

from itertools import count
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer, django_auth
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import NinjaJWT, Session, create_login_router, create_router

__all__ = ["JWT", "SESSION", "TOTP", "HandlingHost", "RefusingAuth", "mounted", "new_api"]

# A router can be mounted on any number of APIs, and takes a tenth of a second to make.
TOTP = create_router()
JWT, SESSION = create_login_router(issuer=NinjaJWT()), create_login_router(issuer=Session())

_numbers = count(1)


def new_api(**options: Any) -> NinjaAPI:
    """Return an API with a namespace of its own, as two APIs in one project need."""
    return NinjaAPI(urls_namespace=f"host-{next(_numbers)}", **options)


def mounted(first: NinjaAPI, *others: NinjaAPI) -> tuple[URLPattern | URLResolver, ...]:
    """Return URL patterns: the first API where the door's clients look, others at /other-1/."""
    patterns = [path("ninja/", first.urls)]
    patterns += [path(f"other-{n}/", api.urls) for n, api in enumerate(others, start=1)]
    return tuple(patterns)


class HandlingHost:
    """A project that answers every exception it sees in a shape of its own, and remembers it."""

    def __init__(self, **options: Any) -> None:
        self.seen: list[str] = []
        self.api = new_api(**options)
        for kind in (
            Exception,
            HttpError,
            AuthenticationError,
            ValidationError,
            Http404,
            OSError,
            ValueError,
        ):
            self.handle(kind)

    def handle(self, kind: type[Exception]) -> None:
        """Answer errors of this kind in a shape of its own."""
        self.api.add_exception_handler(kind, self._handle)

    def _handle(self, request: HttpRequest, error: Exception) -> HttpResponse:
        self.seen.append(type(error).__name__)
        return JsonResponse({"host": "handled"}, status=599)

    def with_our_routers(self) -> "HandlingHost":
        """Mount everything, as tests/urls.py does."""
        self.api.add_router("/totp/", TOTP, auth=[AsyncJWTAuth(), django_auth])
        self.api.add_router("/jwt/", JWT)
        self.api.add_router("/session/", SESSION)
        return self


class RefusingAuth(HttpBearer):
    """An authentication that raises what it was made with."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Raise."""
        raise self._error
