"""django-two-factor-auth 1.x keeps its factors in django-otp's tables.

Its own part is small: it logs in with the device that is named "default".
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ninja_totp.importers.found import Found
from ninja_totp.importers.peers import Source
from ninja_totp.importers.sources import django_otp


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has; their default device is taken."""
    return django_otp.devices_of(owners, is_preferred=lambda device: device.name == "default")


SOURCE = Source("two_factor", "django-two-factor-auth", django_otp.owners, factors)
