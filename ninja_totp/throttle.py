"""The rate at which one caller may call one endpoint (TOTP_THROTTLE_RATE).

A courtesy to the server on top of the lock-out policy, which lives in the database and does not
depend on it: a cache that is down limits nobody and locks nobody out. Synchronous, and called
inside the thread hop of the use case, so that a slow cache never holds the event loop.
"""

import hashlib
import logging

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import caches
from django.http import HttpRequest

from ninja_totp import clock
from ninja_totp.conf import Rate, get_settings
from ninja_totp.core.errors import Throttled

__all__ = ["charge_request", "client_address"]

logger = logging.getLogger("ninja_totp")


def charge_request(
    request: HttpRequest,
    scope: str,
    *,
    user: AbstractBaseUser | None,
    account: str = "",
    rate: Rate | None = None,
) -> None:
    """Count one request of this caller to `scope`. Raises Throttled above `rate`.

    The rate is the site's where none is given, and there is no limit where the site has none.
    A signed-in caller is counted by user, anybody else by address; `account` is what an anonymous
    request speaks of (a name, a challenge), for when the address tells nobody apart.
    """
    rate = rate or get_settings().throttle_rate
    if rate is None:
        return
    now = clock.now()
    ident = f"user {user.pk}" if user is not None else _anonymous(request, account)
    key = _key(scope, ident, now // rate.seconds)
    if _count(key, rate.seconds) > rate.requests:
        raise Throttled(retry_after=rate.seconds - now % rate.seconds)


def _key(scope: str, ident: str, window: int) -> str:
    # Hashed: an identifier may hold what a cache does not take in a key, or what nobody should
    # read there.
    digest = hashlib.sha256(f"{scope}\n{ident}".encode()).hexdigest()
    return f"ninja_totp:throttle:{digest}:{window}"


def _count(key: str, seconds: int) -> int:
    cache = caches[get_settings().throttle_cache]
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key)
    except ValueError:  # evicted between the two calls
        return 1
    except Exception:  # each backend has its own way to say that it is down
        logger.exception("The throttle's cache failed; the request was let through.")
        return 0


def _anonymous(request: HttpRequest, account: str) -> str:
    address = client_address(request)
    if address is not None:
        return f"address {address}"
    return f"proxy {request.META.get('REMOTE_ADDR', '')} account {account}"


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address, or None when it cannot be known.

    With TOTP_NUM_PROXIES = n it is the n-th X-Forwarded-For entry from the right: what stands
    further left was written by the client (django-allauth 65.14.2). While the setting is None, a
    request with that header comes from a proxy (or pretends to): nobody's address can be told.
    """
    proxies = get_settings().num_proxies
    forwarded = request.headers.get("X-Forwarded-For")
    remote: str | None = request.META.get("REMOTE_ADDR")
    if proxies is None:
        return remote if forwarded is None else None
    if proxies == 0 or forwarded is None:
        return remote
    entries = [entry.strip() for entry in forwarded.split(",")]
    return entries[-min(proxies, len(entries))]
