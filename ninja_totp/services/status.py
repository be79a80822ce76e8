"""What a user may know of their own factor. Nothing here changes anything."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import AbstractBaseUser

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.models import Totp, TrustedDevice, password_fingerprint
from ninja_totp.prepared import Given, Prepared
from ninja_totp.services.proof import Ground
from ninja_totp.services.swapping import database
from ninja_totp.services.verify import lock_on

__all__ = ["TotpStatus", "atotp_status", "totp_status"]

_COUNTED = Prepared(
    lambda: Totp.objects.with_counts(
        Given(TrustedDevice, "password_fingerprint"),
        now=Given(TrustedDevice, "expires_epoch", called="now"),
        latest=Given(TrustedDevice, "expires_epoch", called="latest"),
    ).filter(user=Given(Totp, "user"))
)

# Backup codes this few are worth a warning (OWASP MFA cheat sheet).
_LOW = 2


@dataclass(frozen=True, slots=True)
class TotpStatus:
    """What a user may know of their own factor."""

    is_totp_enabled: bool = False
    confirmed_at: datetime | None = None
    last_used_at: datetime | None = None
    locked_until: datetime | None = None
    is_locked: bool = False
    pending: bool = False
    backup_codes_remaining: int = 0
    trusted_devices: int = 0

    @property
    def backup_codes_low(self) -> bool:
        """Whether it is time to make new backup codes."""
        return self.is_totp_enabled and self.backup_codes_remaining <= _LOW


def totp_status(user: AbstractBaseUser) -> TotpStatus:
    """Return what the user may know of their own factor, in one query."""
    now = clock.now()
    totp = _COUNTED.first(
        database(),
        user=user.pk,
        password_fingerprint=password_fingerprint(user),
        now=now,
        latest=now + (get_settings().trusted_device_max_age or 0),
    )
    if totp is None:
        return TotpStatus()
    lock = lock_on(Ground(totp, user), "otp")
    until = lock.until if lock else None
    return TotpStatus(
        is_totp_enabled=totp.is_enabled,
        confirmed_at=totp.confirmed_at,
        last_used_at=totp.last_used_at,
        locked_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
        is_locked=lock is not None,
        pending=totp.has_pending(now=clock.now()),
        backup_codes_remaining=totp.codes_left,
        trusted_devices=totp.trusting_devices,
    )


atotp_status = awaitable(totp_status)
