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
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.models import Account, BackupCode, Event
from ninja_totp.services.history import record
from ninja_totp.services.step_up import (
    AuthContext,
    Authority,
    changeable_account,
    context_of_authority,
)
from ninja_totp.services.verify import Proof, use_proof
from ninja_totp.transactions import database, retry_on_conflict


def fresh_codes() -> list[str]:
    """Return as many new codes as the site gives to a user."""
    settings = get_settings()
    return new_codes(settings.max_backup_codes, length=settings.backup_code_length)


@sensitive_variables()
def replace_codes(user: AbstractBaseUser, codes: Sequence[str]) -> None:
    """Delete the user's codes, used and unused, and store `codes`.

    The caller holds a transaction. ValueError names no code; it is raised when one is empty, too
    long or not printable ASCII, and when two are alike.
    """
    rows = [code_row(user.pk, code) for code in codes]
    if len({row.fingerprint for row in rows}) < len(rows):
        raise ValueError("Two of the backup codes are alike.")
    BackupCode.objects.using(database()).filter(user_id=user.pk).delete()
    BackupCode.objects.using(database()).bulk_create(rows)


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
@retry_on_conflict
def store_backup_codes(user: AbstractBaseUser, codes: Sequence[str]) -> list[str]:
    """Replace the user's codes by `codes` and return them.

    For a project that makes its own codes, or brings them from elsewhere. Raises NotEnrolled
    when the user has no authenticator, ValueError for a code that cannot be stored.
    """
    account = Account.of(user)
    if account is None or not account.authenticators.using(database()).exists():
        raise NotEnrolled
    with transaction.atomic(using=database()):
        account.write()  # or of two calls at once the codes of both would stay
        replace_codes(user, codes)
        record(user, Event.Type.BACKUP_CODES_ROTATED, request=None)
    return list(codes)


@sensitive_variables()
def verify_backup_code(
    user: AbstractBaseUser, input_code: str, *, request: HttpRequest | None = None
) -> bool:
    """Redeem `input_code`: True once for a right code, False for a wrong or a used one.

    Raises NotEnabled without a confirmed factor, Locked while backup codes are locked.
    """
    return use_proof(user, Proof(backup_code=input_code), request=request)


@sensitive_variables()
def rotate_backup_codes(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> list[str]:
    """Replace the user's codes by new ones and return these, for the only time.

    Raises NotEnrolled without a confirmed factor; SecondFactorRequired when an authentication
    context is not fresh; InvalidCode or Locked when a proof does not hold; NotAuthenticated when
    `authenticated_at` was before a recovery (see `require_since_reset`).
    """
    by = context_of_authority(
        user, authority, authenticated_at=authenticated_at, request=request, api=api
    )
    codes = fresh_codes()
    _rotate(user, by, codes, authenticated_at=authenticated_at, request=request, api=api)
    signals.announce(signals.backup_codes_rotated, user=user, request=request, api=api)
    return codes


@sensitive_variables()
@retry_on_conflict
def _rotate(
    user: AbstractBaseUser,
    by: AuthContext | None,
    codes: Sequence[str],
    *,
    authenticated_at: int | None,
    request: HttpRequest | None,
    api: str,
) -> None:
    account = changeable_account(user, by, authenticated_at)
    with transaction.atomic(using=database()):
        account.write()
        replace_codes(user, codes)
        record(user, Event.Type.BACKUP_CODES_ROTATED, request=request, api=api)


averify_backup_code = awaitable(verify_backup_code)
astore_backup_codes = awaitable(store_backup_codes)
arotate_backup_codes = awaitable(rotate_backup_codes)
