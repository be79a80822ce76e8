"""What is refused before a use case runs, and how an error is answered, at both APIs.

A body's size, its type (JSON alone at the Ninja API) and the rate of requests; then the two
decorators of the Ninja routers. What an error looks like is in `errors.py`.
"""

import hashlib
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.http.errors import error_response
from ninja_totp.setting_types import Rate

logger = logging.getLogger("ninja_totp")

API = Literal["ninja", "drf"]
P = ParamSpec("P")
R = TypeVar("R")

# No honest request has a tenth of it. Parsing holds the event loop, or the worker.
_MOST_BYTES = 64 * 1024


def refuse_large_body(request: HttpRequest) -> None:
    """Raise PayloadTooLarge for a body that is announced as too large. Nothing of it is read."""
    if _announced_length(request) > _limit():
        raise errors.PayloadTooLarge


def _limit() -> int:
    most: int | None = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return _MOST_BYTES if most is None else min(most, _MOST_BYTES)


def _announced_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:  # which Django takes for 0
        return 0


def require_json(request: HttpRequest) -> None:
    """Raise PayloadTooLarge, or UnsupportedMediaType for a body that is not JSON.

    An empty body is of no type. What cannot be read raises as Django does (`as_totp_error`).
    """
    refuse_large_body(request)
    # None: not from a server, which has a text here, but from Ninja's own test clients.
    if getattr(request, "content_type", None) is None:
        return
    # A browser sends text/plain, forms and untyped bodies across origins without asking first;
    # JSON it does not.
    if request.content_type != "application/json" and (_announced_length(request) or request.body):
        raise errors.UnsupportedMediaType
    if len(request.body) > _limit():  # it may come without its length, in chunks
        raise errors.PayloadTooLarge


@sensitive_variables()
def limit_rate(call: str, counted: str) -> None:
    """Count one request to `call`. Raises Throttled above TOTP_THROTTLE_RATE.

    `counted` is what requests are counted by. For one that carries a secret (a challenge, a refresh
    token, a link) it is the secret alone, which only its holder can use up.
    """
    rate = get_settings().throttle_rate
    wait = None if rate is None else seconds_to_wait(f"{call}\n{counted}", rate)
    if wait is not None:
        raise errors.Throttled(retry_after=wait)


@sensitive_variables()
def seconds_to_wait(counted: str, rate: Rate) -> int | None:
    """Count one request under the name `counted`.

    Returns None within `rate`, otherwise after how many seconds another one is allowed.
    """
    window, elapsed = divmod(clock.now(), rate.seconds)
    left = rate.seconds - elapsed
    # Hashed: it may hold what a cache does not take in a key, or what should not be read there.
    digest = hashlib.sha256(counted.encode("utf-8", "surrogatepass")).hexdigest()
    return left if _count(f"ninja_totp:throttle:{digest}:{window}", left) > rate.requests else None


def _count(key: str, seconds: int) -> int:
    """Return how many requests there were, this one included; 0 when the cache cannot tell.

    The limit is a courtesy to the server. While the cache is down, there is no limit.
    """
    try:
        cache = caches[get_settings().throttle_cache]
        # The first request of a caller is the most frequent one, and takes one trip to the cache.
        if cache.add(key, 1, timeout=seconds):
            return 1
        count = int(cache.incr(key) or 0)  # None: a backend that hides its errors
        # The `incr` of some backends makes the key live for their default time.
        cache.touch(key, seconds)
    except ValueError:  # evicted between the two calls
        return 1
    except Exception:  # each backend has its own way to say that it is down
        logger.exception(
            "The throttle's cache failed; the request was let through.",
            extra={"event": "throttle_failed"},
        )
        return 0
    return count


def as_totp_error(error: BaseException) -> errors.TotpError | None:
    """Return the error of ours that says the same as `error`; None where there is none."""
    if isinstance(error, errors.TotpError):
        return error
    if isinstance(error, RequestDataTooBig):
        return errors.PayloadTooLarge()
    if isinstance(error, UnreadablePostError):
        return errors.MalformedRequest()
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database failed.", exc_info=error, extra={"event": "database_failed"})
        return errors.Unavailable()
    return None


# By which the middleware knows our calls; `api/routes.py` adds the name of each.
OUR_URL_NAMES: set[str] = set()

_is_our_call: ContextVar[bool] = ContextVar("_is_our_call", default=False)


def is_our_call() -> bool:
    """Whether the request that is being answered is for an endpoint of our Ninja routers."""
    return _is_our_call.get()


def answer_error(_: HttpRequest, error: Any) -> HttpResponse:
    """Answer one of our errors: a handler of Ninja's."""
    return error_response(error)


# Any: the `run` of a Ninja operation, which is bound to its API by then.
def answer_errors(run: Any) -> Callable[..., Awaitable[HttpResponseBase]]:
    """A decorator in Ninja's view mode: takes JSON alone, and answers what `run` lets through.

    The API that the router is mounted on learns to answer our errors. A handler for TotpError that
    the project has registered there comes first.
    """
    api = inspect.unwrap(run).__self__.api
    api.add_exception_handler(errors.AnsweredError, answer_error)

    @wraps(run)
    async def endpoint(request: HttpRequest, **path: Any) -> HttpResponseBase:
        token = _is_our_call.set(True)
        try:
            require_json(request)
            response: HttpResponseBase = await run(request, **path)
        except Exception as error:
            ours = as_totp_error(error)
            if ours is None:
                raise
            response = api.on_exception(request, ours)
        finally:
            _is_our_call.reset(token)
        return response

    return endpoint


def translate_errors(view: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """A decorator in Ninja's operation mode: a database that is gone is an error of ours."""

    @wraps(view)
    async def endpoint(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await view(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            raise as_totp_error(error) or error from None

    return endpoint
