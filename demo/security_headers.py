"""The demo's Content-Security-Policy: nothing is loaded from, or sent to, another origin.

Django 6.0 has a policy middleware of its own; this one works on 5.2 as well. The headers that
Django already sets (nosniff, frame options, referrer and opener policy) are not repeated here.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

__all__ = ["ContentSecurityPolicy", "allow_swagger_styles"]

_HEADER = "Content-Security-Policy"
_STRICT = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Swagger UI sets style attributes and draws its icons from data: URIs. Scripts stay strict.
_SWAGGER = f"{_STRICT}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


class ContentSecurityPolicy(MiddlewareMixin):
    """Give every response the strict policy, unless its view has set one."""

    def process_response(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
    ) -> HttpResponseBase:
        response.headers.setdefault(_HEADER, _STRICT)
        return response


def allow_swagger_styles(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap the view of the API docs: styles and icons of Swagger UI are let through."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers[_HEADER] = _SWAGGER
        return response

    return wrapped
