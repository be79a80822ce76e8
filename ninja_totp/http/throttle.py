"""The rate at which one caller may call one endpoint (TOTP_THROTTLE_RATE).

A courtesy to the server on top of the lock-out policy, which lives in the database and does not
depend on it: a cache that is down limits nobody and locks nobody out. Synchronous, and called
inside the thread hop of the use case, so that a slow cache never holds the event loop.
"""

import hashlib
import logging
import unicodedata
from ipaddress import IPv6Address, IPv6Network

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import caches
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.client_address import client_address, ip_in
from ninja_totp.conf import Rate, get_settings
from ninja_totp.core.errors import Throttled

__all__ = ["anonymous_ident", "charge_request", "seconds_to_wait"]

logger = logging.getLogger("ninja_totp")


@sensitive_variables()
def charge_request(
    request: HttpRequest, scope: str, *, user: AbstractBaseUser | None, account: str = ""
) -> None:
    """Count one request of this caller to `scope`. Raises Throttled above the rate.

    A signed-in caller is counted by user, anybody else by address; `account` is what an anonymous
    request speaks of (a name, a challenge), for when the address tells nobody apart.
    """
    rate = get_settings().throttle_rate
    if rate is None:
        return
    ident = f"user {user.pk}" if user is not None else anonymous_ident(request, account)
    wait = seconds_to_wait(f"{scope}\n{ident}", rate)
    if wait is not None:
        raise Throttled(retry_after=wait)


@sensitive_variables()
def seconds_to_wait(counted: str, rate: Rate) -> int | None:
    """Count one request under the name `counted`.

    Returns None within `rate`, otherwise after how many seconds another one is allowed.
    """
    now = clock.now()
    if _count(_key(counted, now // rate.seconds), rate.seconds) <= rate.requests:
        return None
    return rate.seconds - now % rate.seconds


@sensitive_variables()
def _key(counted: str, window: int) -> str:
    # Hashed: an identifier may hold what a cache does not take in a key, or what nobody should
    # read there.
    digest = hashlib.sha256(counted.encode("utf-8", "surrogatepass")).hexdigest()
    return f"ninja_totp:throttle:{digest}:{window}"


def _count(key: str, seconds: int) -> int:
    cache = caches[get_settings().throttle_cache]
    try:
        # The first request of a caller is the most frequent one, and takes one trip to the cache.
        return 1 if cache.add(key, 1, timeout=seconds) else cache.incr(key)
    except ValueError:  # evicted between the two calls
        return 1
    except Exception:  # each backend has its own way to say that it is down
        logger.exception("The throttle's cache failed; the request was let through.")
        return 0


@sensitive_variables()
def anonymous_ident(request: HttpRequest, account: str, *, num_proxies: int | None = None) -> str:
    """Return what a request of nobody is counted by; the parameters are those of the others."""
    address = client_address(request, num_proxies=num_proxies)
    if address is not None:
        return f"address {_one_spelling(address)}"
    # The proxy may be a client that pretends to be one, and has as many addresses as any other.
    proxy = _one_spelling(request.META.get("REMOTE_ADDR", ""))
    return f"proxy {proxy} account {_folded(account)}"


def _one_spelling(address: str) -> str:
    """Return what all addresses of one client have in common.

    With IPv6 that is a /64: its other half is the client's own choice (RFC 4291, 2.5.4).
    """
    ip = ip_in(address)
    if ip is None:
        return address
    return str(IPv6Network((int(ip), 64), strict=False) if isinstance(ip, IPv6Address) else ip)


@sensitive_variables()
def _folded(account: str) -> str:
    # Some databases find "ada" by "ADA " or by an accent too many. Each spelling must not be
    # counted by itself; two people who share a count do little harm.
    letters = unicodedata.normalize("NFKD", account.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()
