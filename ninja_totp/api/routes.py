"""How the routers are made, and how an endpoint is declared on one.

The errors that a declaration names become typed responses in the OpenAPI document.
"""

import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.cache import cache_control
from ninja import Router

from ninja_totp.core.errors import (
    InvalidRequest,
    MalformedRequest,
    PayloadTooLarge,
    TotpError,
    UnsupportedMediaType,
)
from ninja_totp.http.endpoint import OUR_URL_NAMES, answer_errors, translate_errors
from ninja_totp.http.errors import ERROR_HEADERS, error_schemas, error_union

V = TypeVar("V", bound=Callable[..., Any])

_WITH_BODY = (MalformedRequest, PayloadTooLarge, UnsupportedMediaType, InvalidRequest)


def new_router(**options: Any) -> Router:
    """Return a router whose endpoints take JSON, answer by our envelope and are never cached."""
    _refuse_green_threads()
    router = Router(exclude_unset=True, **options)
    router.add_decorator(translate_errors, mode="operation")
    router.add_decorator(answer_errors, mode="view")
    router.add_decorator(cache_control(no_store=True), mode="view")
    return router


def _refuse_green_threads() -> None:
    """Raise ImproperlyConfigured in a worker of gevent or eventlet.

    Its requests share a thread, in which asyncio runs one loop at a time: of two at once, one
    would fail.
    """
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if (gevent and gevent.is_module_patched("threading")) or (
        eventlet and eventlet.is_monkey_patched("thread")
    ):
        raise ImproperlyConfigured(
            "The routers of ninja_totp.api do not run in workers of gevent and eventlet. Take "
            "threads (gunicorn --threads 4), an ASGI server, or the views of drf_compat."
        )


def require_instance(issuer: object) -> None:
    """Raise TypeError for an issuer's class in the place of an issuer."""
    if isinstance(issuer, type):
        name = issuer.__name__
        raise TypeError(f"issuer must be an object: issuer={name}(), not issuer={name}.")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Declares endpoints on a router; `prefix` begins their operation ids and URL names."""

    router: Router
    prefix: str

    def get(self, path: str, success: dict[int, Any], *errors: type[TotpError]) -> Callable[[V], V]:
        """Declare a GET endpoint: {status: schema} on success, and its errors."""
        return self._declare("GET", path, success, *errors)

    def delete(
        self, path: str, *errors: type[TotpError], takes_body: bool = False
    ) -> Callable[[V], V]:
        """Declare a DELETE endpoint, which returns no body and takes none, or JSON."""
        more = _WITH_BODY if takes_body else ()
        return self._declare("DELETE", path, {204: None}, *errors, *more)

    def patch(
        self, path: str, success: dict[int, Any], *errors: type[TotpError]
    ) -> Callable[[V], V]:
        """Declare a PATCH endpoint, which takes JSON."""
        return self._declare("PATCH", path, success, *errors, *_WITH_BODY)

    def post(
        self, path: str, success: dict[int, Any], *errors: type[TotpError]
    ) -> Callable[[V], V]:
        """Declare a POST endpoint, which takes JSON."""
        return self._declare("POST", path, success, *errors, *_WITH_BODY)

    def _further(self, refusals: Iterable[int]) -> dict[str, Any]:
        """Return what Ninja itself does not say: the headers of errors, that a call is public."""
        headers = {
            status: {"headers": ERROR_HEADERS[status]} for status in {*refusals} & {*ERROR_HEADERS}
        }
        public = {"security": list[Any]()} if self.router.auth is None else {}
        return {"responses": headers, **public}

    def _declare(
        self, method: str, path: str, success: dict[int, Any], *errors: type[TotpError]
    ) -> Callable[[V], V]:
        def declare(view: V) -> V:
            # The first line of the docstring is the summary, the rest the description.
            summary, _, description = (inspect.getdoc(view) or "").partition("\n")
            name = f"{self.prefix}_{view.__name__}"
            url_name = name.replace("_", "-")
            OUR_URL_NAMES.add(url_name)
            refusals = {
                status: error_union(name, status, schemas)
                for status, schemas in error_schemas(errors).items()
            }
            endpoint = self.router.api_operation(
                [method],
                path,
                response=success | refusals,
                operation_id=name,
                url_name=url_name,
                openapi_extra=self._further(refusals),
                summary=summary.rstrip("."),
                description=description.strip(),
            )
            return endpoint(view)

        return declare
