"""Devices on which a user asked not to be asked for a code: making, using, listing, revoking.

Off unless TOTP_TRUSTED_DEVICE_MAX_AGE is set. A device replaces the code and nothing else: the
password is asked for, and the login has the standing of a password alone. Its token works once;
each use hands out another one. So a token that comes a second time was copied, and ends the
trust, whoever of the two was first.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import TrustedDeviceNotFound
from ninja_totp.models import Event, Totp, TrustedDevice, password_fingerprint
from ninja_totp.services.events import record
from ninja_totp.services.proof import Ground
from ninja_totp.services.swapping import database, until_swapped
from ninja_totp.services.verify import factor_of

__all__ = [
    "NewDevice",
    "TotpTrustedDevice",
    "arevoke_trusted_device",
    "atrusted_devices",
    "new_device",
    "renewed_token",
    "revoke_trusted_device",
    "trusted_devices",
]


@dataclass(frozen=True, slots=True)
class TotpTrustedDevice:
    """A trusted device as its owner sees it. `last_used_at` is None until it logged in."""

    id: uuid.UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that is to be trusted once a login has succeeded."""

    name: str
    max_age: int
    request: HttpRequest | None = field(repr=False)
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def token(self) -> str:
        """What the device shows at its next login."""
        return _token(self.id, self.secret)

    def keep(self, ground: Ground) -> None:
        """Store the device, in the caller's transaction, and drop what is no longer trusted."""
        user, now = ground.user, clock.now()
        _devices(user).filter(expires_epoch__lte=now).delete()
        TrustedDevice.objects.using(database()).bulk_create(
            [
                TrustedDevice(
                    id=self.id,
                    user_id=user.pk,
                    name=self.name,
                    digest=_digest(self.secret),
                    password_fingerprint=password_fingerprint(user),
                    generation=ground.totp.generation,
                    expires_epoch=now + self.max_age,
                )
            ]
        )
        record(user, Event.Type.DEVICE_TRUSTED, request=self.request)


def new_device(name: str | None, request: HttpRequest | None) -> NewDevice | None:
    """Return a device to be trusted; None where none is asked for, or the site trusts none."""
    max_age = get_settings().trusted_device_max_age
    return None if name is None or max_age is None else NewDevice(name, max_age, request)


def _token(device_id: uuid.UUID, secret: str) -> str:
    return f"{device_id.hex}.{secret}"


@sensitive_variables()
def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _devices(user: AbstractBaseUser) -> Any:  # Any: a queryset of TrustedDevice, and its methods
    return TrustedDevice.objects.using(database()).filter(user_id=user.pk)


def _alive(user: AbstractBaseUser, totp: Totp) -> Any:  # Any: as above
    max_age = get_settings().trusted_device_max_age or 0
    now = clock.now()
    return _devices(user).alive(
        totp.generation, password_fingerprint(user), now=now, latest=now + max_age
    )


@sensitive_variables()
def renewed_token(
    user: AbstractBaseUser, totp: Totp, token: str | None, *, request: HttpRequest | None
) -> str | None:
    """Use `token` up and return the one for the next login; None when it does not count.

    The caller has checked the password. A token that was used up before ends the trust in its
    device (RFC 9700, 4.14.2 does so with refresh tokens): a copy of it is around.
    """
    if token is None or get_settings().trusted_device_max_age is None:
        return None
    device_id, _, secret = token.partition(".")
    try:
        alive = _alive(user, totp).filter(pk=device_id)
    except (ValueError, ValidationError):
        return None
    fresh = secrets.token_urlsafe(24)

    def once() -> str | None:
        with transaction.atomic(using=database()):
            if alive.rotate(_digest(secret), _digest(fresh), at=timezone.now()):
                return _token(uuid.UUID(device_id), fresh)
            if alive.delete()[0]:
                record(user, Event.Type.DEVICE_REVOKED, request=request)
        return None

    return until_swapped(once)


def trusted_devices(user: AbstractBaseUser) -> list[TotpTrustedDevice]:
    """Return the devices that the user trusts now, the newest first."""
    totp = factor_of(user)
    if totp is None:
        return []
    return [
        TotpTrustedDevice(
            id=row.pk,
            name=row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=datetime.fromtimestamp(row.expires_epoch, UTC),
        )
        for row in _alive(user, totp).order_by("-created_at", "pk")
    ]


def revoke_trusted_device(
    user: AbstractBaseUser, device_id: uuid.UUID | str, *, request: HttpRequest | None = None
) -> None:
    """Ask the device for a code again. Raises TrustedDeviceNotFound, also for somebody else's."""
    try:
        device = _devices(user).filter(pk=device_id)
    except (ValueError, ValidationError):
        raise TrustedDeviceNotFound from None

    def once() -> bool:
        with transaction.atomic(using=database()):
            number, _ = device.delete()
            if number:
                record(user, Event.Type.DEVICE_REVOKED, request=request)
        return bool(number)

    if not until_swapped(once):
        raise TrustedDeviceNotFound


atrusted_devices = awaitable(trusted_devices)
arevoke_trusted_device = awaitable(revoke_trusted_device)
