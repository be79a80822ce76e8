"""Our error envelope for errors of the framework, on a NinjaAPI that asks for it."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from ninja_totp.core import errors
from ninja_totp.http.cookies import csrf_error, passes_csrf
from ninja_totp.http.endpoint import answer_error, as_totp_error, is_our_call
from ninja_totp.http.errors import field_sentence
from ninja_totp.http.issuers.jwt import bearer_token


def handle_totp_errors(api: NinjaAPI) -> None:
    """Let `api` answer in our envelope: our errors, and those of the framework on our endpoints.

    The framework's errors are an invalid or unreadable body, a missing login and a missing CSRF
    token. Your own handler for TotpError takes precedence. Your other handlers still apply to your
    own endpoints.
    """
    api.add_exception_handler(errors.AnsweredError, answer_error)
    answer_as_before = api.on_exception

    def on_exception(request: HttpRequest, exc: Any) -> HttpResponse:
        ours = _as_ours(request, exc) if is_our_call.get() else None
        return answer_as_before(request, ours or exc)

    # Ninja cannot say which handler is registered, and ours would replace it everywhere.
    api.on_exception = on_exception  # type: ignore[method-assign]


def _as_ours(request: HttpRequest, error: Exception) -> errors.TotpError | None:
    """Return our error with the same meaning; None for an error of the project."""
    if isinstance(error, errors.TotpError):
        return error
    if isinstance(error, ValidationError):
        return errors.InvalidRequest(fields=_fields(error.errors))
    status = getattr(error, "status_code", None)
    if status == 401:
        return errors.NotAuthenticated()
    if not isinstance(error, HttpError):
        return as_totp_error(error)
    # The authentication of the project raises such errors too, for other reasons.
    if status == 403 and bearer_token(request) is None and not passes_csrf(request):
        return csrf_error(request)
    return errors.MalformedRequest() if status == 400 and not _is_readable(request) else None


def _is_readable(request: HttpRequest) -> bool:
    try:
        json.loads(request.body or b"null")
    except (ValueError, RecursionError):
        return False
    return True


def _fields(found: list[dict[str, Any]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for error in found:
        # ("body", "payload", name, ...) or ("query", name, ...): neither the source nor our
        # parameter's name interests.
        source, *path = map(str, error["loc"])
        path = path[1:] if source == "body" else path
        fields.setdefault(".".join(path) or "non_field_errors", []).append(field_sentence(error))
    return fields
