"""Whose address a request comes from, as far as that can be known.

The throttle counts by it, and the history keeps it where the site wants that.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.http import HttpRequest

from ninja_totp.conf import get_settings

# Some proxies write the client's port too, which is another one for each connection.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::[0-9]+)?|(?P<v4>[0-9.]+):[0-9]+")


def client_address(request: HttpRequest, *, num_proxies: int | None = None) -> str | None:
    """Return the client's address, or None when it cannot be known.

    With TOTP_NUM_PROXIES = n it is the n-th X-Forwarded-For entry from the right: what stands
    further left was written by the client (django-allauth 65.14.2). Where the setting is None,
    `num_proxies` counts; where that is None too, a request with that header comes from a proxy (or
    pretends to): nobody's address can be told.
    """
    proxies = get_settings().num_proxies
    proxies = num_proxies if proxies is None else proxies
    # Not from `request.headers`, which are made of all headers when one is asked for.
    forwarded: str | None = request.META.get("HTTP_X_FORWARDED_FOR")
    remote: str | None = request.META.get("REMOTE_ADDR")
    if proxies is None:
        return remote if forwarded is None else None
    if proxies == 0 or forwarded is None:
        return remote
    entries = [entry.strip() for entry in forwarded.split(",")]
    return entries[-min(proxies, len(entries))]


def ip_in(address: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address in `address`, which may have a port; None if there is none.

    An IPv4 address in the clothes of an IPv6 one comes back as itself, and one of IPv6 without
    its zone, which means something on this machine alone.
    """
    match = _WITH_PORT.fullmatch(address)
    host = address if match is None else match["v6"] or match["v4"]
    try:
        ip = ip_address(host)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        return ip.ipv4_mapped or IPv6Address(int(ip))
    return ip
