"""Endpoints written down once, to be put on as many routers as a project makes.

An endpoint's declaration says what it takes, what it returns and the errors it can end with; the
errors become typed responses in the OpenAPI document. What each of them needs is added here.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ninja_totp.api.operation import TotpRouter
from ninja_totp.core.errors import (
    InvalidRequest,
    MalformedRequest,
    PayloadTooLarge,
    Throttled,
    TotpError,
    Unavailable,
    UnsupportedMediaType,
)
from ninja_totp.http.error_schemas import error_responses

__all__ = ["Routes"]

V = TypeVar("V", bound=Callable[..., Any])

_ALWAYS = (Throttled, Unavailable)
_WITH_BODY = (MalformedRequest, PayloadTooLarge, UnsupportedMediaType, InvalidRequest)


def _texts(view: Callable[..., Any]) -> dict[str, str]:
    """Return the first line of the docstring as the summary, and the rest as the description."""
    summary, _, description = (inspect.getdoc(view) or "").partition("\n")
    return {"summary": summary.rstrip("."), "description": description.strip()}


@dataclass(slots=True)
class Routes:
    """A list of endpoints."""

    _declared: list[tuple[str, str, Callable[..., Any], dict[str, Any]]] = field(
        default_factory=list
    )

    def get(self, path: str, success: dict[int, Any], *errors: type[TotpError]) -> Callable[[V], V]:
        """Declare a GET endpoint: {status: schema} on success, and its errors."""
        return self._declare("GET", path, success, (*errors, *_ALWAYS))

    def delete(self, path: str, *errors: type[TotpError]) -> Callable[[V], V]:
        """Declare a DELETE endpoint, which takes no body and returns none."""
        return self._declare("DELETE", path, {204: None}, (*errors, *_ALWAYS))

    def post(
        self, path: str, success: dict[int, Any], *errors: type[TotpError]
    ) -> Callable[[V], V]:
        """Declare a POST endpoint, which takes JSON."""
        return self._declare("POST", path, success, (*errors, *_WITH_BODY, *_ALWAYS))

    def _declare(
        self,
        method: str,
        path: str,
        success: dict[int, Any],
        errors: Sequence[type[TotpError]],
        **options: Any,
    ) -> Callable[[V], V]:
        options["response"] = success | error_responses(errors)

        def declare(view: V) -> V:
            options.update(_texts(view))
            self._declared.append((method, path, view, options))
            return view

        return declare

    def add_to(self, router: TotpRouter, *, prefix: str) -> None:
        """Put the endpoints on `router`; `prefix` begins their operation ids and URL names."""
        for method, path, view, options in self._declared:
            router.add_api_operation(
                path,
                [method],
                view,
                operation_id=f"{prefix}_{view.__name__}",
                url_name=f"{prefix}-{view.__name__.replace('_', '-')}",
                exclude_unset=True,
                **options,
            )
