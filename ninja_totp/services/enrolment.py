"""From a new secret to a factor: create or replace, show, confirm.

A secret leaves only as the return value of the call that made it, and as the QR code of a secret
that still is pending.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core import otp, provisioning
from ninja_totp.core.errors import (
    AlreadyConfirmed,
    AlreadyEnabled,
    InvalidCode,
    InvalidEnrolmentCode,
    NoPendingEnrolment,
    NotEnrolled,
)
from ninja_totp.models import Challenge, Event, Totp
from ninja_totp.services.backup_codes import drop_codes, fresh_codes, keep_codes
from ninja_totp.services.events import record
from ninja_totp.services.factor_change import Authority, change_factor
from ninja_totp.services.proof import Ground, Proof, clock_skew, open_secret
from ninja_totp.services.step_up import AuthContext, require_fresh, require_since_reset
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.verify import attempt, factor_of
from ninja_totp.statements import insert

__all__ = [
    "NOTHING_PENDING",
    "Confirmation",
    "TotpSetup",
    "aconfirm_totp_setup",
    "acreate_totp_setup",
    "apending_totp_uri",
    "areplace_totp",
    "confirm_pending",
    "confirm_totp_setup",
    "create_totp_setup",
    "insert_row",
    "pending_ground",
    "pending_totp_uri",
    "replace_totp",
]

NOTHING_PENDING = {"pending_secret": "", "pending_expires_epoch": 0}


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What a user needs to add the account to an authenticator. Shown once."""

    uri: str = field(repr=False)
    secret: str = field(repr=False)
    expires_at: datetime

    @property
    def svg(self) -> str:
        """The QR code of `uri`."""
        return provisioning.qr_svg(self.uri)

    @property
    def secret_grouped(self) -> str:
        """The secret in groups of four, for typing."""
        return provisioning.grouped(self.secret)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The new backup codes, and the standing that the confirming code has earned."""

    backup_codes: list[str] = field(repr=False)
    auth_context: AuthContext


def create_totp_setup(user: AbstractBaseUser, *, authenticated_at: int | None = None) -> TotpSetup:
    """Start an enrolment: make a pending secret, which replaces an earlier pending one.

    Raises AlreadyEnabled when a factor is in use; `replace_totp` is the way then. Raises
    NotAuthenticated when the caller's login, at `authenticated_at` in seconds since the epoch, was
    before the user's last recovery; None asks nothing.
    """
    setup, columns = _new_pending(user)

    def once() -> None:
        totp = factor_of(user)
        require_since_reset(totp, authenticated_at)
        if totp is None:
            insert_row(user, columns)
        elif totp.is_enabled:
            raise AlreadyEnabled
        elif not totp.swap(columns, using=database()):
            raise LostSwap

    until_swapped(once)
    return setup


def insert_row(user: AbstractBaseUser, columns: dict[str, Any]) -> Totp:
    """Make the user's row, which nothing is in use by. Raises LostSwap when there is one."""
    # Not tried and undone: a single statement needs no transaction, and spoils none of the host's.
    row = Totp(user_id=user.pk, **columns)
    if insert([row], database(), skip_present=True) != 1:
        raise LostSwap
    return row


@sensitive_variables()
def _new_pending(user: AbstractBaseUser) -> tuple[TotpSetup, dict[str, Any]]:
    settings = get_settings()
    secret, expires = otp.new_secret(), clock.now() + settings.pending_max_age
    uri = _uri(user, secret)
    columns = {
        "pending_secret": settings.key_ring.seal(secret, owner=str(user.pk)),
        "pending_expires_epoch": expires,
    }
    return TotpSetup(uri, secret, datetime.fromtimestamp(expires, UTC)), columns


def _uri(user: AbstractBaseUser, secret: str) -> str:
    settings = get_settings()
    return provisioning.otpauth_uri(
        secret,
        account=user.get_username(),
        issuer=settings.issuer,
        parameters=settings.parameters,
    )


def replace_totp(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
) -> TotpSetup:
    """Make a pending secret beside the live one, which works until the new one is confirmed.

    Raises NotEnrolled, and what `change_factor` raises for `authority` and `authenticated_at`.
    """
    setup, columns = _new_pending(user)
    change_factor(
        user,
        authority,
        changes=lambda ground: columns,
        authenticated_at=authenticated_at,
        request=request,
    )
    return setup


@sensitive_variables()
def pending_totp_uri(
    user: AbstractBaseUser,
    *,
    auth_context: AuthContext | None = None,
    authenticated_at: int | None = None,
) -> str:
    """Return the otpauth URI of the pending secret.

    Raises NoPendingEnrolment; SecondFactorRequired when the secret is to replace a factor in use
    and `auth_context` is not fresh; NotAuthenticated for a login from before a recovery;
    Unavailable.
    """
    totp = factor_of(user)
    require_since_reset(totp, authenticated_at)
    if totp is None or not totp.has_pending(now=clock.now()):
        raise NoPendingEnrolment
    if totp.is_enabled and auth_context is not None:
        # Or whoever has the password alone takes a copy of the authenticator that is to come.
        require_fresh(totp, auth_context)
    return _uri(user, open_secret(totp.pending_secret, user.pk))


@sensitive_variables()
def confirm_totp_setup(
    user: AbstractBaseUser,
    input_code: str,
    *,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
) -> Confirmation:
    """Put the pending secret into use and give out new backup codes.

    Ends the standing of older credentials, open challenges and trusted devices. Raises
    NotEnrolled (nothing pending), AlreadyConfirmed (nothing pending, a factor in use),
    InvalidEnrolmentCode (at a first enrolment it tells how far the device's clock is off, if that
    is why), Locked, NotAuthenticated for a login from before a recovery.
    """
    read = partial(pending_ground, user, authenticated_at)
    _, confirmation = confirm_pending(read, input_code, request=request)
    return confirmation


@sensitive_variables()
def confirm_pending(
    read: Callable[[], Ground], input_code: str, *, request: HttpRequest | None = None
) -> tuple[AbstractBaseUser, Confirmation]:
    """Put the pending secret of the ground that `read` returns into use.

    Raises what `read` raises, InvalidEnrolmentCode and Locked.
    """
    codes, proved_at = fresh_codes(), clock.now()
    judged: Totp | None = None

    def read_again() -> Ground:
        nonlocal judged
        ground = read()
        judged = ground.totp
        return ground

    def replace_codes(ground: Ground) -> None:
        drop_codes(ground.user)
        keep_codes(ground.user, codes)
        kind = Event.Type.REPLACED if ground.totp.is_enabled else Event.Type.ENABLED
        record(ground.user, kind, request=request)

    try:
        ground = attempt(
            read_again,
            Proof(enrolment_code=input_code),
            changes=_confirmed,
            alongside=replace_codes,
            request=request,
        )
    except InvalidCode:
        raise InvalidEnrolmentCode(clock_skew_seconds=_skew(judged, input_code)) from None
    signals.announce(signals.totp_created, user=ground.user, request=request)
    return ground.user, Confirmation(codes, AuthContext(proved_at, ground.totp.generation, "otp"))


@sensitive_variables()
def _skew(totp: Totp | None, input_code: str) -> int | None:
    # Told at a first enrolment only. While a factor is in use, a caller with nothing but the
    # password would learn of a code that is right some minutes from now.
    return None if totp is None or totp.is_enabled else clock_skew(totp, input_code)


def pending_ground(
    user: AbstractBaseUser, authenticated_at: int | None, challenge: Challenge | None = None
) -> Ground:
    """Return the ground for judging a code of the user's pending secret.

    Raises NotEnrolled (nothing pending), AlreadyConfirmed (nothing pending, a factor in use),
    NotAuthenticated for a login from before a recovery.
    """
    totp = factor_of(user)
    require_since_reset(totp, authenticated_at)
    if totp is not None and totp.has_pending(now=clock.now()):
        return Ground(totp, user, challenge)
    raise AlreadyConfirmed if totp is not None and totp.is_enabled else NotEnrolled


@sensitive_variables()
def _confirmed(ground: Ground) -> dict[str, Any]:
    ring, parameters = get_settings().key_ring, get_settings().parameters
    # Sealed again: a new key may have been rolled in since the enrolment began.
    secret = open_secret(ground.totp.pending_secret, ground.totp.pk)
    return {
        "secret": ring.seal(secret, owner=str(ground.totp.pk)),
        **NOTHING_PENDING,
        "key_id": ring.current_key_id,
        "digits": parameters.digits,
        "period_seconds": parameters.period_seconds,
        "algorithm": parameters.algorithm,
        "window": None,
        "generation": ground.totp.generation + 1,
        "confirmed_at": timezone.now(),
        "disabled_at": None,
    }


acreate_totp_setup = awaitable(create_totp_setup)
areplace_totp = awaitable(replace_totp)
apending_totp_uri = awaitable(pending_totp_uri)
aconfirm_totp_setup = awaitable(confirm_totp_setup)
