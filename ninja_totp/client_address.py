"""The client address of a request, if it can be known.

The rate limit counts by it, and the history stores it if the site wants that.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.http import HttpRequest

from ninja_totp.conf import get_settings

# Some proxies add the client's port, which differs between connections.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::[0-9]+)?|(?P<v4>[0-9.]+):[0-9]+")


def client_address(request: HttpRequest, *, num_proxies: int | None = None) -> str | None:
    """Return the client's address, or None if it is unknown.

    With TOTP_NUM_PROXIES = n it is the n-th X-Forwarded-For entry from the right: the client can
    write the entries further left (django-allauth 65.14.2). If the setting is None, `num_proxies`
    applies. If that is None too and the request has the header, the address is unknown.
    """
    proxies = get_settings().num_proxies
    proxies = num_proxies if proxies is None else proxies
    # Not from `request.headers`, which parse all headers to read one.
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

    An IPv4-mapped IPv6 address is returned as IPv4, and an IPv6 address without its zone, which is
    local to this machine.
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
