"""Single-use backup codes: making, storing, redeeming and replacing them.

Plain codes leave only as the return value of the call that made them; they are shown once.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import signals
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.backup_codes import new_codes, stored_forms
from ninja_totp.core.errors import InvalidCode, NotEnrolled
from ninja_totp.models import BackupCode, Event
from ninja_totp.prepared import Given, PreparedDelete
from ninja_totp.services.events import record
from ninja_totp.services.factor_change import Authority, change_factor
from ninja_totp.services.proof import Proof
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.services.verify import attempt, enabled_ground, factor_of
from ninja_totp.statements import insert

__all__ = [
    "arotate_backup_codes",
    "astore_backup_codes",
    "averify_backup_code",
    "code_row",
    "drop_codes",
    "fresh_codes",
    "keep_codes",
    "rotate_backup_codes",
    "store_backup_codes",
    "verify_backup_code",
]


def fresh_codes() -> list[str]:
    """Return as many new codes as the site gives to a user."""
    return new_codes(get_settings().max_backup_codes)


_DELETE_CODES = PreparedDelete(lambda: BackupCode.objects.filter(user=Given(BackupCode, "user")))


def drop_codes(user: AbstractBaseUser) -> None:
    """Delete the user's codes, used and unused."""
    _DELETE_CODES(database(), user=user.pk)


@sensitive_variables()
def keep_codes(user: AbstractBaseUser, codes: Sequence[str]) -> None:
    """Store `codes` beside those that are there. The caller holds a transaction.

    ValueError names no code; it is raised when one is empty, too long or not printable ASCII, and
    when two are alike.
    """
    rows = [code_row(user.pk, code) for code in codes]
    if len({row.fingerprint for row in rows}) < len(rows):
        raise ValueError("Two of the backup codes are alike.")
    insert(rows, database())


@sensitive_variables()
def code_row(user_pk: Any, code: str) -> BackupCode:
    """Return the row, not yet saved, by which `code` is recognised as the user's.

    ValueError names no code; it is raised for one that is empty, too long or not printable ASCII.
    """
    forms = stored_forms(code)
    if not forms:
        raise ValueError("A backup code must be 1 to 128 printable ASCII characters.")
    settings, owner = get_settings(), str(user_pk)
    # The fingerprint covers the owner, and whoever opens the ciphertext checks it against the
    # fingerprint: a row moved to another user is of no use.
    ciphertext = settings.key_ring.encrypt(forms[0])
    return BackupCode(
        fingerprint=settings.key_ring.fingerprint(forms[0], owner=owner),
        user_id=user_pk,
        ciphertext=ciphertext if settings.store_backup_code_ciphertext else "",
        key_id=settings.key_ring.current_key_id,
    )


@sensitive_variables()
def store_backup_codes(user: AbstractBaseUser, codes: Sequence[str]) -> list[str]:
    """Replace the user's codes by `codes` and return them.

    For a project that makes its own codes, or brings them from elsewhere. Raises NotEnrolled
    when the user has no authenticator, ValueError for a code that cannot be stored.
    """

    def once() -> None:
        totp = factor_of(user)
        if totp is None or not (totp.secret or totp.pending_secret):
            raise NotEnrolled
        with transaction.atomic(using=database()):
            # Or of two calls at once the codes of both would stay.
            if not totp.swap({}, using=database()):
                raise LostSwap
            drop_codes(user)
            keep_codes(user, codes)
            record(user, Event.Type.BACKUP_CODES_ROTATED, request=None)

    until_swapped(once)
    return list(codes)


@sensitive_variables()
def verify_backup_code(
    user: AbstractBaseUser, input_code: str, *, request: HttpRequest | None = None
) -> bool:
    """Redeem `input_code`: True once for a right code, False for a wrong or a used one.

    Raises NotEnabled without a confirmed factor, Locked while backup codes are locked.
    """
    try:
        attempt(lambda: enabled_ground(user), Proof(backup_code=input_code), request=request)
    except InvalidCode:
        return False
    return True


@sensitive_variables()
def rotate_backup_codes(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
) -> list[str]:
    """Replace the user's codes by new ones and return these, for the only time.

    Raises NotEnrolled, and what `change_factor` raises for `authority` and `authenticated_at`.
    """
    codes = fresh_codes()

    def replace(_: object) -> None:
        drop_codes(user)
        keep_codes(user, codes)
        record(user, Event.Type.BACKUP_CODES_ROTATED, request=request)

    change_factor(
        user, authority, alongside=replace, authenticated_at=authenticated_at, request=request
    )
    signals.announce(signals.backup_codes_rotated, user=user, request=request)
    return codes


averify_backup_code = awaitable(verify_backup_code)
astore_backup_codes = awaitable(store_backup_codes)
arotate_backup_codes = awaitable(rotate_backup_codes)
