"""The links of recovery: one row for each account, that a token in a mail opens.

Only a digest of the token is stored. What a link is good for, and who is mailed one, is
`recovery.py`.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import InvalidRecovery, RecoveryNotYet
from ninja_totp.models import Challenge, Totp, password_fingerprint
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.verification import factor_of

__all__ = [
    "RecoveryLink",
    "address_of",
    "charged_link",
    "consume_link",
    "decoded_uid",
    "encoded_uid",
    "new_link",
    "open_link",
]


@dataclass(frozen=True, slots=True)
class RecoveryLink:
    """What stands in the link of a mail: whose account, and the right to try."""

    uid: str
    token: str = field(repr=False)


def address_of(user: AbstractBaseUser) -> str:
    """Return the stored e-mail address of the user, "" if there is none."""
    return str(getattr(user, user.get_email_field_name(), "") or "")


def encoded_uid(pk: Any) -> str:
    """Return a primary key as it stands in a link."""
    return urlsafe_base64_encode(force_bytes(pk))


def decoded_uid(uid: str) -> str:
    """Return what `encoded_uid` was given, as text. Raises ValueError."""
    return urlsafe_base64_decode(uid).decode()


@sensitive_variables()
def new_link(user: AbstractBaseUser, *, respect_cooldown: bool) -> RecoveryLink | None:
    """Open a recovery; the earlier links of the user no longer work.

    None without a confirmed factor, and in the cool-down of an earlier link.
    """
    token = secrets.token_hex(24)

    def once() -> bool:
        totp = factor_of(user)
        if totp is None or not totp.is_enabled:
            return False
        links = _links().filter(user_id=user.pk)
        if respect_cooldown and links.filter(expires_epoch__gt=_cool_after()).exists():
            return False
        with transaction.atomic(using=database()):
            links.delete()
            _row(user, totp, token).save(using=database(), force_insert=True)
            # Or two requests at once would find no link, and send one each.
            if not totp.swap({}, using=database()):
                raise LostSwap
        return True

    return RecoveryLink(encoded_uid(user.pk), token) if until_swapped(once) else None


def _row(user: AbstractBaseUser, totp: Totp, token: str) -> Challenge:
    return Challenge(
        digest=_digest(token, user),
        user_id=user.pk,
        purpose=Challenge.Purpose.RECOVERY,
        password_fingerprint=password_fingerprint(user),
        generation=totp.generation,
        expires_epoch=clock.now() + _lifetime(),
    )


def _links() -> Any:  # Any: a queryset of Challenge, with or without its methods
    return Challenge.objects.using(database()).filter(purpose=Challenge.Purpose.RECOVERY)


def _lifetime() -> int:
    settings = get_settings().recovery
    return settings.delay + settings.max_age


def _cool_after() -> int:
    """Return the expiry that only a link of the present cool-down exceeds."""
    settings = get_settings().recovery
    # While one link waits, asking for another one must not make the waiting longer.
    cooldown = min(max(settings.cooldown, settings.delay), _lifetime())
    return clock.now() + _lifetime() - cooldown


@sensitive_variables()
def _digest(token: str, user: AbstractBaseUser) -> str:
    # With the address in it, a link dies with a change of the address that it was sent to.
    text = f"recovery\n{token}\n{address_of(user)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@sensitive_variables()
def open_link(uid: str, token: str) -> Challenge:
    """Return the row of a link that may be tried, or is to be at a later time.

    Raises InvalidRecovery (forged, used, replaced, expired, cancelled, out of attempts, or ended
    by a new password, a new address, a changed factor or a deactivation).
    """
    links = _links().select_related("user__ninja_totp").order_by("-expires_epoch")
    link: Challenge | None = None
    # One query whoever is asked about, and no comparison that stops early.
    try:
        link = links.filter(user_id=_primary_key(uid)).first()
    except (ValueError, OverflowError, ValidationError):
        raise InvalidRecovery from None
    if link is None or not constant_time_compare(link.digest, _digest(token, link.user)):
        raise InvalidRecovery
    if not _is_open(link):
        raise InvalidRecovery
    return link


def _primary_key(uid: str) -> Any:
    return get_user_model()._meta.pk.to_python(decoded_uid(uid))


def _is_open(link: Challenge) -> bool:
    totp: Totp | None = getattr(link.user, "ninja_totp", None)
    return (
        link.consumed_at is None
        and link.attempts < get_settings().challenge_max_attempts
        and clock.now() < link.expires_epoch
        and totp is not None
        and totp.is_enabled
        and link.generation == totp.generation
        and link.password_fingerprint == password_fingerprint(link.user)
        and link.user.is_active
    )


@sensitive_variables()
def charged_link(uid: str, token: str) -> Challenge:
    """Return the row of a link after one attempt at it was counted, before its outcome is known.

    Raises InvalidRecovery, RecoveryNotYet.
    """
    return until_swapped(lambda: _charged(uid, token))


@sensitive_variables()
def _charged(uid: str, token: str) -> Challenge:
    link = open_link(uid, token)
    wait = link.expires_epoch - get_settings().recovery.max_age - clock.now()
    if wait > 0:
        raise RecoveryNotYet(wait)
    if not link.charge({}, using=database()):
        raise LostSwap
    return link


def consume_link(link: Challenge) -> None:
    """Use the link up, once. Raises InvalidRecovery when somebody else has."""
    unused = _links().filter(pk=link.pk, consumed_at=None)
    if unused.update(consumed_at=timezone.now()) != 1:
        raise InvalidRecovery
