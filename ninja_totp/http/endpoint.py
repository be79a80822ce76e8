"""What is refused before a use case runs, and how an error is answered, at both APIs.

The size and the type of a body (JSON only at the Ninja API), the rate limit, and what surrounds an
endpoint of the Ninja routers. The format of errors is in `errors.py`.
"""

import hashlib
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Literal

from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.conf.types import Rate
from ninja_totp.core import errors
from ninja_totp.http.errors import error_response

# Empty for the page of `views.py`.
API = Literal["ninja", "drf", ""]

# No valid request has a tenth of it. Parsing blocks the event loop, or the worker.
_MOST_BYTES = 64 * 1024


def refuse_large_body(request: HttpRequest) -> None:
    """Raise PayloadTooLarge if the Content-Length is too large. Reads nothing of the body."""
    if _announced_length(request) > _limit():
        raise errors.PayloadTooLarge


def _limit() -> int:
    most: int | None = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return _MOST_BYTES if most is None else min(most, _MOST_BYTES)


def _announced_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:  # Django treats it as 0
        return 0


def read_small_body(request: HttpRequest) -> None:
    """Read the body. Raises PayloadTooLarge if it is too large, or what reading raises."""
    if len(request.body) > _limit():  # a chunked body has no Content-Length
        raise errors.PayloadTooLarge


def require_json(request: HttpRequest) -> None:
    """Raise PayloadTooLarge, UnsupportedMediaType (unless it is empty), or what reading raises."""
    refuse_large_body(request)
    # None only in Ninja's test clients. A server sets a text.
    if getattr(request, "content_type", None) is None:
        return
    # A browser sends text/plain, forms and untyped bodies across origins without a preflight, but
    # not JSON.
    if request.content_type != "application/json" and (_announced_length(request) or request.body):
        raise errors.UnsupportedMediaType
    read_small_body(request)


@sensitive_variables()
def limit_rate(call: str, counted: str) -> None:
    """Count one request to `call`. Raises Throttled above TOTP_THROTTLE_RATE.

    `counted` identifies the caller. For a request with a secret (a challenge, a refresh token, a
    link) it is the secret alone, so only its holder can use up the count.
    """
    rate = get_settings().throttle_rate
    wait = None if rate is None else seconds_to_wait(f"{call}\n{counted}", rate)
    if wait is not None:
        raise errors.Throttled(retry_after=wait)


@sensitive_variables()
def seconds_to_wait(counted: str, rate: Rate) -> int | None:
    """Count one request as `counted`. Return None, or after how many seconds one is allowed."""
    window, elapsed = divmod(clock.now(), rate.seconds)
    left = rate.seconds - elapsed
    # Hashed: it may contain characters that a cache key must not have, or a secret.
    digest = hashlib.sha256(counted.encode("utf-8", "surrogatepass")).hexdigest()
    return left if _count(f"ninja_totp:throttle:{digest}:{window}", left) > rate.requests else None


def _count(key: str, seconds: int) -> int:
    # 0 if the cache fails: the rate limit only protects the server from load.
    try:
        cache = caches[get_settings().throttle_cache]
        # The first request of a caller is the usual case, and needs one call of the cache.
        if cache.add(key, 1, timeout=seconds):
            return 1
        count = int(cache.incr(key) or 0)  # None: a backend that hides its errors
        # The `incr` of some backends resets the key to their default timeout.
        cache.touch(key, seconds)
    except ValueError:  # evicted between the two calls
        return 1
    except Exception as error:  # noqa: BLE001 - each backend has its own errors
        line = "The throttle's cache failed; the request was let through."
        signals.log(logging.ERROR, line, exc_info=error, event="throttle_failed")
        return 0
    return count


def as_totp_error(error: BaseException) -> errors.TotpError | None:
    """Return our error with the meaning of `error`, or None."""
    if isinstance(error, errors.TotpError):
        return error
    if isinstance(error, RequestDataTooBig):
        return errors.PayloadTooLarge()
    if isinstance(error, UnreadablePostError):
        return errors.MalformedRequest()
    if isinstance(error, OperationalError | InterfaceError):
        signals.log(logging.ERROR, "The database failed.", exc_info=error, event="database_failed")
        return errors.Unavailable()
    return None


# The middleware recognises our endpoints by these; `api/routes.py` adds each name.
OUR_URL_NAMES: set[str] = set()

is_our_call: ContextVar[bool] = ContextVar("ninja_totp_is_our_call", default=False)
"""Whether the current request is for an endpoint of our Ninja routers."""


def answer_error(_: HttpRequest, error: Any) -> HttpResponse:
    """Answer one of our errors: an exception handler for Ninja."""
    return error_response(error)


# Any: the `run` of a Ninja operation, which is bound to its API.
def answer_errors(run: Any) -> Callable[..., Awaitable[HttpResponseBase]]:
    """A decorator in Ninja's view mode: accept only JSON, and answer the errors of `run`."""
    # The project's own handler for TotpError takes precedence.
    api = inspect.unwrap(run).__self__.api
    api.add_exception_handler(errors.AnsweredError, answer_error)

    @wraps(run)
    async def endpoint(request: HttpRequest, **path: Any) -> HttpResponseBase:
        token = is_our_call.set(True)
        try:
            require_json(request)
            response: HttpResponseBase = await run(request, **path)
        except Exception as error:
            ours = as_totp_error(error)
            if ours is None:
                raise
            response = api.on_exception(request, ours)
        finally:
            is_our_call.reset(token)
        return response

    return endpoint


def in_a_thread(
    view: Callable[..., Any], answered: Callable[[Any], Any]
) -> Callable[..., Awaitable[Any]]:
    """Return the coroutine function that Ninja calls. A database failure becomes our error."""

    @wraps(view)
    async def endpoint(*args: Any, **kwargs: Any) -> Any:
        try:
            return answered(await sync_to_async(view)(*args, **kwargs))
        except (OperationalError, InterfaceError) as error:
            raise as_totp_error(error) or error from None

    return endpoint
