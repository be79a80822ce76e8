"""How our endpoints behave on a host's NinjaAPI without touching the host's handlers.

The one place where errors become responses: ours, the framework's (validation, authentication,
an unreadable body) and a database that is gone. Also what every endpoint owes: JSON only, and
answers that nobody caches.
"""

import logging
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, Self, cast

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Router, Schema
from ninja.errors import HttpError, ValidationError
from ninja.operation import AsyncOperation, PathView
from pydantic import ConfigDict, create_model

from ninja_totp.api.device_cookie import keep_device
from ninja_totp.core.errors import (
    CsrfFailed,
    InvalidRequest,
    MalformedRequest,
    NotAuthenticated,
    PayloadTooLarge,
    TotpError,
    Unavailable,
    UnsupportedMediaType,
)
from ninja_totp.http.error_response import error_response
from ninja_totp.http.error_schemas import field_sentence
from ninja_totp.http.issuers import CredentialIssuer

__all__ = ["TotpRouter"]

logger = logging.getLogger("ninja_totp")

# Ninja's sentences for a body that is not JSON and for a cookie without its CSRF token. Other
# HttpErrors are the host's own (an authentication class may raise them) and stay so.
_UNPARSED = "Cannot parse request body"
_CSRF = "CSRF check Failed"

# What reading a body raises. Where Ninja reads it the host's handlers would come first, and one
# for every Exception (or DEBUG) would make a 500 of it.
_UNREAD = (RequestDataTooBig, UnreadablePostError)


def _as_ours(error: BaseException) -> TotpError | None:
    """Return the leaf that says the same as an error of the framework or the database."""
    if isinstance(error, TotpError):
        return error
    if isinstance(error, ValidationError):
        return InvalidRequest(fields=_fields(error.errors))
    if isinstance(error, _UNREAD):
        return _unread(error)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database failed.", exc_info=error)
        return Unavailable()
    return _from_status(error)


def _unread(error: BaseException) -> TotpError:
    """Return the leaf for one of `_UNREAD`."""
    return PayloadTooLarge() if isinstance(error, RequestDataTooBig) else MalformedRequest()


def _from_status(error: BaseException) -> TotpError | None:
    """Return the leaf for an error that names its status: Ninja's own, or a JWT library's."""
    status = getattr(error, "status_code", None)
    if status == 401:
        return NotAuthenticated()
    if not isinstance(error, HttpError):
        return None
    if status == 403 and error.message == _CSRF:
        return CsrfFailed()
    return MalformedRequest() if status == 400 and error.message.startswith(_UNPARSED) else None


def _fields(errors: list[dict[str, Any]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for error in errors:
        # ("body", "payload", name, ...) or ("query", name, ...): neither the source nor our
        # parameter's name interests.
        source, *path = map(str, error["loc"])
        path = path[1:] if source == "body" else path
        fields.setdefault(".".join(path) or "non_field_errors", []).append(field_sentence(error))
    return fields


class _OurErrors:
    """A host's API, but for our errors: these never reach the host's handlers."""

    def __init__(self, api: NinjaAPI) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:  # Any: whatever the host's API has
        return getattr(self._api, name)

    def on_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse:
        ours = _as_ours(exc)
        return self._api.on_exception(request, exc) if ours is None else error_response(ours)


class _Answer(Schema):
    # Most answers are errors, which are declared for the OpenAPI document and never validated.
    model_config = ConfigDict(defer_build=True)


@cache
def _answer_of(content: Any) -> type[Schema]:
    """Return the model by which an answer is validated that holds `content` (a schema, a union)."""
    return create_model("NinjaResponseSchema", __base__=_Answer, response=(content, ...))


class _Operation(AsyncOperation):
    issuer: CredentialIssuer

    def _create_response_model(self, response_param: Any) -> type[Schema] | None:
        # Ninja's own, but for this: it would make one for each status of each endpoint, which was
        # the larger part of importing the routers.
        return None if response_param is None else _answer_of(response_param)

    @property
    def api(self) -> Any:
        return self._api

    @api.setter
    def api(self, api: NinjaAPI | None) -> None:
        self._api = _OurErrors(api) if api is not None else None

    def clone(self) -> Self:
        clone = cast("Self", super().clone())
        clone.issuer = self.issuer
        return clone

    async def run(  # type: ignore[override]  # as AsyncOperation's own
        self, request: HttpRequest, **path: Any
    ) -> HttpResponseBase:
        request.ninja_totp_issuer = self.issuer  # type: ignore[attr-defined]  # for `hop`
        request.ninja_totp_door = "ninja"  # type: ignore[attr-defined]  # for the history
        try:
            response = await self._run(request, **path)
        except _UNREAD as error:
            response = error_response(_unread(error))
        response["Cache-Control"] = "no-store"
        keep_device(request, response)
        return response

    async def _run(self, request: HttpRequest, **path: Any) -> HttpResponseBase:
        # A browser sends text/plain, form bodies and untyped ones across origins without asking
        # first; JSON it does not. Ninja would parse any of them.
        if request.method in {"GET", "DELETE"} or request.content_type == "application/json":
            return await super().run(request, **path)
        if request.content_type or request.body:
            return error_response(UnsupportedMediaType())
        return await super().run(request, **path)


class _PathView(PathView):
    def __init__(self, issuer: CredentialIssuer) -> None:
        super().__init__()
        self._issuer = issuer

    def add_operation(
        self,
        path: str,
        methods: list[str],
        view_func: Callable[..., Coroutine[Any, Any, Any]],
        **options: Any,
    ) -> _Operation:
        operation = _Operation(path, methods, view_func, **options)
        operation.issuer = self._issuer
        self.is_async = True
        self.operations.append(operation)
        return operation


class TotpRouter(Router):
    """A router whose operations behave as this module says. `auth` is left to the host."""

    def __init__(self, issuer: CredentialIssuer, **options: Any) -> None:
        super().__init__(**options)
        self.issuer = issuer

    def add_api_operation(
        self,
        path: str,
        methods: list[str],
        view_func: Callable[..., Any],
        **options: Any,
    ) -> None:
        """Add an operation of our own class; the parameters are Ninja's."""
        self.path_operations.setdefault(path, _PathView(self.issuer))
        super().add_api_operation(path, methods, view_func, **options)
