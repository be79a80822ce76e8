"""Two-factor authentication that is on: status, list, check a code, rename, remove, disable.

To set it up and to add an authenticator, see `enrolment.py`; to log in, `login.py`; for backup
codes, `backup_codes.py`.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import errors, lockout
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models import Account, Authenticator, BackupCode, Event
from ninja_totp.models.authenticator import NAME_LENGTH
from ninja_totp.services.history import record
from ninja_totp.services.policy.enforcement import require_dispensable
from ninja_totp.services.step_up import (
    AuthContext,
    Authority,
    changeable_account,
    context_of_authority,
)
from ninja_totp.services.trusted_devices import valid_devices
from ninja_totp.services.verify import Method, Proof, counters_of, use_proof
from ninja_totp.transactions import database, retry_on_conflict

# Warn the user when so few backup codes are left (OWASP MFA cheat sheet).
_LOW = 2


@dataclass(frozen=True, slots=True)
class LockState:
    """Why codes are locked, and until when. `until` None: an operator must act."""

    reason: Literal["burst", "budget", "cap"]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TotpStatus:
    """The status of a user's two-factor authentication, for that user."""

    is_totp_enabled: bool = False
    confirmed_at: datetime | None = None
    last_used_at: datetime | None = None
    locked_until: datetime | None = None
    is_locked: bool = False
    authenticators: int = 0
    pending: bool = False
    backup_codes_remaining: int = 0
    trusted_devices: int = 0

    @property
    def backup_codes_low(self) -> bool:
        """Whether the user should create new backup codes."""
        return self.is_totp_enabled and self.backup_codes_remaining <= _LOW


@dataclass(frozen=True, slots=True)
class TotpAuthenticator:
    """A confirmed authenticator, for its owner. `type` is "totp"."""

    id: uuid.UUID
    type: str
    name: str
    created_at: datetime
    confirmed_at: datetime
    last_used_at: datetime | None


def is_totp_enabled(user: AbstractBaseUser) -> bool:
    """Return whether the user has a confirmed authenticator."""
    accounts = Account.objects.using(database())
    return accounts.filter(pk=user.pk, confirmed_at__isnull=False).exists()


def totp_status(user: AbstractBaseUser) -> TotpStatus:
    """Return the status of the user's two-factor authentication."""
    account = Account.of(user)
    if account is None:
        return TotpStatus()
    found = list(authenticators_of(account).values_list("confirmed_at", "expires_epoch"))
    confirmed = sum(confirmed_at is not None for confirmed_at, _ in found)
    lock = lock_state(account, user, "otp", authenticators=confirmed)
    now, max_age = clock.now(), get_settings().trusted_device_max_age
    codes = BackupCode.objects.using(database()).filter(user_id=user.pk, used_at=None)
    return TotpStatus(
        is_totp_enabled=account.is_enabled,
        confirmed_at=account.confirmed_at,
        last_used_at=account.last_used_at,
        locked_until=lock.until if lock is not None else None,
        is_locked=lock is not None,
        authenticators=confirmed,
        pending=any(at is None and expires_epoch > now for at, expires_epoch in found),
        backup_codes_remaining=codes.count(),
        trusted_devices=0 if max_age is None else valid_devices(user, account).count(),
    )


def lock_state(
    account: Account, user: AbstractBaseUser, method: Method, *, authenticators: int
) -> LockState | None:
    """Return the lock on one kind of code, or None. Needs no query.

    `authenticators` is how many confirmed ones the account has.
    """
    counters = counters_of(account, password_fingerprint(user.password))[method]
    cost = max(1, authenticators) if method == "otp" else 1
    lock = lockout.lock_of(counters, get_settings().lockout, now=clock.now(), cost=cost)
    if lock is None:
        return None
    until = None if lock.until is None else datetime.fromtimestamp(lock.until, UTC)
    return LockState(lock.reason, until)


def list_authenticators(user: AbstractBaseUser) -> list[TotpAuthenticator]:
    """Return the user's confirmed authenticators, oldest first."""
    rows = authenticators_of(user).filter(confirmed_at__isnull=False).order_by("confirmed_at", "pk")
    return [TotpAuthenticator(**row) for row in rows.values(*TotpAuthenticator.__slots__)]


@sensitive_variables()
def rename_authenticator(
    user: AbstractBaseUser,
    authenticator_id: uuid.UUID | str,
    name: str,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> TotpAuthenticator:
    """Rename an authenticator.

    Needs a credential that verified the second factor at any time: with the password alone, an
    attacker could make the owner remove the wrong one. Raises AuthenticatorNotFound, also for
    an authenticator of another user, InvalidRequest unless the name has 1 to 64 characters, and
    what `rotate_backup_codes` raises.
    """
    name = clean_name(name)
    by = context_of_authority(user, authority, authenticated_at, request, api)

    @retry_on_conflict
    def rename() -> TotpAuthenticator:
        account = changeable_account(user, by, authenticated_at, may_be_old=True)
        found, _ = _find(account, authenticator_id)
        found.name = name
        with transaction.atomic(using=database()):
            account.write()
            authenticators_of(account).filter(pk=found.pk).update(name=name)
            record(user, Event.Type.AUTHENTICATOR_RENAMED, request=request, api=api, about=found)
        signal = signals.totp_authenticator_renamed
        signals.announce(signal, user=user, request=request, api=api, **id_and_name(found))
        shown = {field: getattr(found, field) for field in TotpAuthenticator.__slots__}
        return TotpAuthenticator(**shown)

    return rename()


@sensitive_variables()
def remove_authenticator(
    user: AbstractBaseUser,
    authenticator_id: uuid.UUID | str,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> None:
    """Remove one of several authenticators.

    Ends the authentication contexts of all credentials, open challenges, trusted devices and a
    pending authenticator. Backup codes stay. Raises AuthenticatorNotFound, also for an
    authenticator of another user, LastAuthenticator if there is only one (use `disable_totp`), and
    what `rotate_backup_codes` raises.
    """
    by = context_of_authority(user, authority, authenticated_at, request, api)

    @retry_on_conflict
    def remove() -> None:
        account = changeable_account(user, by, authenticated_at)
        found, number = _find(account, authenticator_id)
        if number == 1:
            raise errors.LastAuthenticator
        with transaction.atomic(using=database()):
            account.write(generation=account.generation + 1)
            authenticators_of(account).filter(Q(pk=found.pk) | Q(confirmed_at=None)).delete()
            record(user, Event.Type.AUTHENTICATOR_REMOVED, request=request, api=api, about=found)
        signal = signals.totp_authenticator_removed
        signals.announce(signal, user=user, request=request, api=api, **id_and_name(found))

    remove()


def _find(account: Account, authenticator_id: uuid.UUID | str) -> tuple[Authenticator, int]:
    """Return the account's authenticator with this id, and how many there are."""
    rows = authenticators_of(account).filter(confirmed_at__isnull=False)
    confirmed = {str(one.pk): one for one in rows}
    try:
        return confirmed[str(uuid.UUID(str(authenticator_id)))], len(confirmed)
    except (ValueError, KeyError):  # not an id, or the id of another user
        raise errors.AuthenticatorNotFound from None


def id_and_name(authenticator: Authenticator) -> dict[str, Any]:
    """Return the fields of a signal about an authenticator."""
    return {"authenticator": str(authenticator.pk), "name": authenticator.name}


def clean_name(name: str) -> str:
    """Return the name of an authenticator on one line, stripped.

    Raises InvalidRequest unless it has 1 to 64 characters that a database can store.
    """
    cleaned = " ".join(name.split())
    is_text = "\x00" not in cleaned and not any("\ud800" <= one <= "\udfff" for one in cleaned)
    if not (is_text and 1 <= len(cleaned) <= NAME_LENGTH):
        sentence = gettext("Enter a name of 1 to %d characters.") % NAME_LENGTH
        raise errors.InvalidRequest(fields={"name": [sentence]})
    return cleaned


@sensitive_variables()
def verify_totp_code(
    user: AbstractBaseUser, input_code: str, *, request: HttpRequest | None = None
) -> bool:
    """Check and use up `input_code`: True once for a correct code, False for a wrong or used one.

    Raises NotEnabled without a confirmed authenticator, Locked after too many failures.
    """
    return use_proof(user, Proof(otp_code=input_code), request=request)


@sensitive_variables()
def disable_totp(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> None:
    """Turn off two-factor authentication and delete the secrets and backup codes.

    Cancels an unconfirmed enrolment, whatever the authority. The failure counters stay, so turning
    2FA off and on gives no new guesses. Raises NotEnrolled, EnrolmentRequired if TOTP_REQUIRED
    applies to the user (operators use `reset_totp`), and what `rotate_backup_codes` raises for
    `authority` and `authenticated_at`.
    """

    @retry_on_conflict
    def disable(by: AuthContext | None) -> None:
        account = changeable_account(user, by, authenticated_at)
        with transaction.atomic(using=database()):
            switch_off(account)
            record(user, Event.Type.DISABLED, request=request, api=api)
        signals.announce(signals.totp_disabled, user=user, request=request, api=api)

    require_dispensable(user)
    try:
        disable(context_of_authority(user, authority, authenticated_at, request, api))
    except errors.NotEnrolled:
        _cancel_pending(user)


@retry_on_conflict
def _cancel_pending(user: AbstractBaseUser) -> None:
    account = Account.of(user)
    if account is None or account.is_enabled:
        raise errors.NotEnrolled
    with transaction.atomic(using=database()):
        account.write()
        if not authenticators_of(account).delete()[0]:
            raise errors.NotEnrolled


def switch_off(account: Account, *, is_reset: bool = False, **columns: Any) -> None:
    """Delete the authenticators and codes of the account, and write `columns` too.

    The caller holds a transaction. Proofs of the current generation are no longer valid. With
    `is_reset`, a recovery or a reset by staff, earlier logins are no longer valid either.
    """
    if is_reset:
        # The next second: logins in this second count as before it (see `after_reset`).
        columns["reset_epoch"] = clock.now() + 1
    columns |= {"confirmed_epoch": 0, "confirmed_at": None, "disabled_at": timezone.now()}
    account.write(generation=account.generation + 1, **columns)
    authenticators_of(account).delete()
    BackupCode.objects.using(database()).filter(user_id=account.pk).delete()


def authenticators_of(owner: Account | AbstractBaseUser) -> QuerySet[Authenticator]:
    """Return the authenticators of an account or a user, confirmed or not."""
    return Authenticator.objects.using(database()).filter(account_id=owner.pk)
