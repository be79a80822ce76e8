"""A factor in use: is there one, its state, check a code, disable.

Setting one up is `enrolment.py`, logging in with one is `login.py`, backup codes are
`backup_codes.py`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.models import Account, Authenticator, BackupCode, Event
from ninja_totp.services.history import record
from ninja_totp.services.policy.enforcement import require_dispensable
from ninja_totp.services.step_up import (
    AuthContext,
    Authority,
    authorise,
    changeable_account,
)
from ninja_totp.services.trusted_devices import valid_devices
from ninja_totp.services.verify import Proof, is_accepted, lock_on
from ninja_totp.transactions import database, retry_on_conflict

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


def is_totp_enabled(user: AbstractBaseUser) -> bool:
    """Return whether the user has a confirmed authenticator."""
    accounts = Account.objects.using(database())
    return accounts.filter(pk=user.pk, confirmed_at__isnull=False).exists()


def totp_status(user: AbstractBaseUser) -> TotpStatus:
    """Return what the user may know of their own factor."""
    now, account = clock.now(), Account.of(user)
    if account is None:
        return TotpStatus()
    lock = lock_on(account, user, "otp", now=now)
    until, max_age = lock.until if lock else None, get_settings().trusted_device_max_age
    pending = _authenticators(account).filter(confirmed_at=None, expires_epoch__gt=now)
    codes = BackupCode.objects.using(database()).filter(user_id=user.pk, used_at=None)
    return TotpStatus(
        is_totp_enabled=account.is_enabled,
        confirmed_at=account.confirmed_at,
        last_used_at=account.last_used_at,
        locked_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
        is_locked=lock is not None,
        pending=pending.exists(),
        backup_codes_remaining=codes.count(),
        trusted_devices=0 if max_age is None else valid_devices(user, account).count(),
    )


@sensitive_variables()
def verify_totp_code(
    user: AbstractBaseUser, input_code: str, *, request: HttpRequest | None = None
) -> bool:
    """Use `input_code`: True once for a right code, False for a wrong or a used one.

    Raises NotEnabled without a confirmed factor, Locked after too many failures.
    """
    return is_accepted(user, Proof(otp_code=input_code), request=request)


@sensitive_variables()
def disable_totp(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> None:
    """Switch the second factor off and delete its secrets and codes.

    An enrolment that nobody confirmed is called off, whatever the authority. The counters stay,
    so that switching off and on gains nobody new guesses. Raises NotEnrolled, EnrolmentRequired
    where TOTP_REQUIRED wants the user to have a factor (`reset_totp` is for operators), and what
    `rotate_backup_codes` raises for `authority` and `authenticated_at`.
    """
    require_dispensable(user)
    try:
        by = authorise(user, authority, authenticated_at=authenticated_at, request=request, api=api)
        _disable(user, by, authenticated_at=authenticated_at, request=request, api=api)
    except NotEnrolled:
        _call_off(user)
        return
    signals.announce(signals.totp_disabled, user=user, request=request)


@retry_on_conflict
def _disable(
    user: AbstractBaseUser,
    by: AuthContext | None,
    *,
    authenticated_at: int | None,
    request: HttpRequest | None,
    api: str,
) -> None:
    account = changeable_account(user, by, authenticated_at)
    with transaction.atomic(using=database()):
        switch_off(account)
        record(user, Event.Type.DISABLED, request=request, api=api)


@retry_on_conflict
def _call_off(user: AbstractBaseUser) -> None:
    account = Account.of(user)
    if account is None or account.is_enabled:
        raise NotEnrolled
    with transaction.atomic(using=database()):
        account.write()
        if not _authenticators(account).delete()[0]:
            raise NotEnrolled


def switch_off(account: Account, **columns: Any) -> None:
    """Delete authenticators and codes of the account, and write `columns` too.

    The caller holds a transaction. What was proved under the present generation has ended.
    """
    account.write(
        generation=account.generation + 1,
        confirmed_epoch=0,
        confirmed_at=None,
        disabled_at=timezone.now(),
        **columns,
    )
    _authenticators(account).delete()
    BackupCode.objects.using(database()).filter(user_id=account.pk).delete()


def _authenticators(account: Account) -> Any:  # Any: a queryset of Authenticator
    return Authenticator.objects.using(database()).filter(account_id=account.pk)


ais_totp_enabled = awaitable(is_totp_enabled)
atotp_status = awaitable(totp_status)
averify_totp_code = awaitable(verify_totp_code)
adisable_totp = awaitable(disable_totp)
