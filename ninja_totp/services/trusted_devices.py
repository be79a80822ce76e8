"""Trusted devices ("remember this device"): add, use, list and revoke them.

Off unless TOTP_TRUSTED_DEVICE_MAX_AGE is set. A trusted device replaces the code only: the password
is still required, and the login counts as one with the password alone. Its token works once; each
use issues a new one. A token that is used twice was copied, so it ends the trust.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.core.errors import TrustedDeviceNotFound
from ninja_totp.models import Account, Event, TrustedDevice
from ninja_totp.services.history import record
from ninja_totp.services.verify import Factor
from ninja_totp.transactions import database, retry_on_conflict

_SALT = "ninja_totp.trusted_device"


@dataclass(frozen=True, slots=True)
class TotpTrustedDevice:
    """A trusted device, for its owner. `last_used_at` is None until its first login."""

    id: uuid.UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


def new_device(
    factor: Factor, name: str, *, now: int, request: HttpRequest | None, api: str
) -> str | None:
    """Trust a device and return its token; None if the site allows no trusted devices."""
    max_age = get_settings().trusted_device_max_age
    if max_age is None:
        return None
    user, device_id, secret = factor.user, uuid.uuid4(), secrets.token_urlsafe(24)
    with transaction.atomic(using=database()):
        _devices(user).filter(expires_epoch__lte=now).delete()
        TrustedDevice.objects.using(database()).create(
            id=device_id,
            user_id=user.pk,
            name=name,
            digest=_digest(secret),
            password_fingerprint=factor.password_fingerprint,
            generation=factor.account.generation,
            expires_epoch=now + max_age,
        )
        record(user, Event.Type.DEVICE_TRUSTED, request=request, api=api)
    return _token(device_id.hex, secret)


def _token(device_id: str, secret: str) -> str:
    # Signed, so that a forged one does not count as a copy: ids are listed without a code.
    return Signer(salt=_SALT).sign(f"{device_id}.{secret}")


@sensitive_variables()
def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _devices(user: AbstractBaseUser) -> QuerySet[TrustedDevice]:
    return TrustedDevice.objects.using(database()).filter(user_id=user.pk)


def valid_devices(user: AbstractBaseUser, account: Account) -> QuerySet[TrustedDevice]:
    """Return the devices whose trust no changed factor, new password or time has ended."""
    now, max_age = clock.now(), get_settings().trusted_device_max_age or 0
    return _devices(user).filter(
        generation=account.generation,
        password_fingerprint=password_fingerprint(user.password),
        expires_epoch__gt=now,
        # One that would outlive this was trusted under another rule, or before the clock was set
        # back.
        expires_epoch__lte=now + max_age,
    )


@sensitive_variables()
@retry_on_conflict
def renewed_token(
    user: AbstractBaseUser,
    account: Account,
    token: str | None,
    *,
    request: HttpRequest | None,
    api: str,
) -> str | None:
    """Use up `token` and return the one for the next login; None if it is not valid.

    The caller has checked the password. A token that was already used ends the trust in its device
    (as RFC 9700, 4.14.2 does for refresh tokens), because there is a copy of it.
    """
    if token is None or get_settings().trusted_device_max_age is None:
        return None
    try:
        device_id, _, secret = Signer(salt=_SALT).unsign(token).partition(".")
    except (BadSignature, UnicodeEncodeError):  # half of a surrogate pair is no text
        return None
    device = valid_devices(user, account).filter(pk=device_id)
    fresh = secrets.token_urlsafe(24)
    with transaction.atomic(using=database()):
        unused = device.filter(digest=_digest(secret))
        if unused.update(digest=_digest(fresh), last_used_at=timezone.now()) == 1:
            return _token(device_id, fresh)
        if device.delete()[0]:
            record(user, Event.Type.DEVICE_REUSED, request=request, api=api)
            signals.announce(signals.trusted_device_reused, user=user, request=request, api=api)
    return None


def trusted_devices(user: AbstractBaseUser) -> list[TotpTrustedDevice]:
    """Return the user's trusted devices, newest first."""
    account = Account.of(user)
    if account is None:
        return []
    return [
        TotpTrustedDevice(
            id=row.pk,
            name=row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=datetime.fromtimestamp(row.expires_epoch, UTC),
        )
        for row in valid_devices(user, account).order_by("-created_at", "pk")
    ]


@retry_on_conflict
def revoke_trusted_device(
    user: AbstractBaseUser,
    device_id: uuid.UUID | str,
    *,
    request: HttpRequest | None = None,
    api: str = "",
) -> None:
    """Revoke a trusted device. Raises TrustedDeviceNotFound, also for a device of another user."""
    try:
        device = _devices(user).filter(pk=device_id)
    except (ValueError, ValidationError):
        raise TrustedDeviceNotFound from None
    with transaction.atomic(using=database()):
        if not device.delete()[0]:
            raise TrustedDeviceNotFound
        record(user, Event.Type.DEVICE_REVOKED, request=request, api=api)
