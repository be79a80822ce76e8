"""Our errors as exceptions of Django REST Framework, so that a project's handler sees its own kind.

The one place of this door where an error gets its envelope. Validation errors keep the shape that
Django REST Framework gives them.
"""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException, ValidationError

from ninja_totp.core.errors import TotpError, Unavailable

__all__ = ["TotpAPIException", "as_api_exception"]

logger = logging.getLogger("ninja_totp")

# Django REST Framework's own codes, where ours for the same thing has another name.
_CODES = {"authentication_failed": "not_authenticated", "parse_error": "malformed_request"}


class TotpAPIException(APIException):
    """An error of ours: status, envelope, and `wait`, from which Retry-After is made."""

    def __init__(self, error: TotpError) -> None:
        super().__init__(error.detail, error.code)
        self.status_code = error.status
        # Set afterwards: the base class would turn the seconds to wait into text.
        self.detail: Any = error.body()
        self.wait = error.retry_after


def as_api_exception(error: Exception) -> Exception:
    """Return what Django REST Framework is to handle in place of `error`."""
    if isinstance(error, TotpError):
        return TotpAPIException(error)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database failed.", exc_info=error)
        return TotpAPIException(Unavailable())
    if isinstance(error, APIException) and not isinstance(error, ValidationError):
        _add_code(error)
    return error


def _add_code(error: APIException) -> None:
    if isinstance(error.detail, str):
        code = str(error.get_codes())
        envelope: Any = {"detail": error.detail, "code": _CODES.get(code, code)}
        error.detail = envelope
