"""An error as a plain Django response, for the Ninja door and for views of the project."""

from django.http import HttpResponse, JsonResponse

from ninja_totp.core.errors import TotpError
from ninja_totp.http.error_schemas import translated_body

__all__ = ["error_response"]


def error_response(error: TotpError) -> HttpResponse:
    """Return the envelope of `error` with its status and headers."""
    response = JsonResponse(translated_body(error), status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response["WWW-Authenticate"] = error.challenge
    return response
