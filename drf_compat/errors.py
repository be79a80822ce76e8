"""Errors as REST framework raises and answers them, in one place.

Our views raise what the use case raises. A permission, which runs in any view, raises
TotpAPIException.
"""

from typing import Any

import pydantic
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response

from ninja_totp.core import errors
from ninja_totp.http.cookies import csrf_error
from ninja_totp.http.endpoint import as_totp_error
from ninja_totp.http.errors import field_sentence, translated_body

# REST framework's codes, if ours for the same error have other names.
_CODES = {
    "authentication_failed": errors.NotAuthenticated.code,
    "parse_error": errors.MalformedRequest.code,
}


class TotpAPIException(APIException):
    """An error of ninja_totp. `error` is the TotpError, `sentence` its translated text."""

    def __init__(self, error: errors.TotpError) -> None:
        body: dict[str, Any] = translated_body(error)
        self.sentence = str(body["detail"])
        super().__init__(self.sentence, error.code)
        self.error = error
        self.status_code = error.status
        # REST framework's handler turns them into the headers Retry-After and WWW-Authenticate.
        self.wait = error.retry_after
        # For other errors, REST framework names the authentication scheme.
        is_step_up = isinstance(error, errors.InsufficientAuthentication)
        self.auth_header = error.challenge if is_step_up else None
        self.detail = {
            name: ErrorDetail(value, error.code) if isinstance(value, str) else value
            for name, value in body.items()
        }

    # For a handler this is an error with one code, like a 404.
    def get_codes(self) -> Any:
        return self.error.code

    def get_full_details(self) -> Any:
        return {"message": self.sentence, "code": self.error.code}


def as_framework_error(error: Exception) -> Exception:
    """Return the REST framework exception for `error`; other errors are returned unchanged."""
    if isinstance(error, errors.InvalidRequest):
        return ValidationError(error.fields)  # in the documented shape
    if isinstance(error, pydantic.ValidationError):
        return ValidationError(_by_field(error))
    if isinstance(error, RecursionError):  # a body that is nested too deeply, in the parser
        return TotpAPIException(errors.MalformedRequest())
    ours = as_totp_error(error)
    return error if ours is None else TotpAPIException(ours)


def _by_field(error: pydantic.ValidationError) -> dict[str, list[str]]:
    # Reached only with a serializer of the project that is more lenient than ours.
    fields: dict[str, list[str]] = {}
    for one in error.errors(include_input=False, include_url=False):
        name = str(one["loc"][0]) if one["loc"] else "non_field_errors"
        fields.setdefault(name, []).append(field_sentence(one))
    return fields


def complete(response: Response, request: Any) -> Response:  # Any: a request of REST framework
    """Add `code` to errors of REST framework itself, and `retry_after` to a 429.

    A response that the project's handler has changed stays as it is.
    """
    body = response.data
    if isinstance(body, dict) and isinstance(body.get("detail"), ErrorDetail):
        detail, code = body["detail"], str(body["detail"].code)
        is_csrf = detail.startswith("CSRF Failed")
        body.setdefault("code", csrf_error(request).code if is_csrf else _CODES.get(code, code))
        if "Retry-After" in response.headers:
            body.setdefault("retry_after", int(response.headers["Retry-After"]))
    return response
