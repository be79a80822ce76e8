"""Single-use backup codes: create, store, redeem and replace them.

Plain codes are only returned by the call that creates them. They are shown once.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import signals
from ninja_totp.conf import get_settings
from ninja_totp.core.backup_codes import new_codes, stored_forms
from ninja_totp.core.errors import NotEnrolled
from ninja_totp.models import Account, BackupCode, Event
from ninja_totp.models.second_step import replace_codes
from ninja_totp.services.history import record
from ninja_totp.services.step_up import Authority, changeable_account, context_of_authority
from ninja_totp.services.verify import Proof, use_proof
from ninja_totp.transactions import database, retry_on_conflict


def fresh_codes() -> list[str]:
    """Return a new set of codes (TOTP_MAX_BACKUP_CODES)."""
    settings = get_settings()
    return new_codes(settings.max_backup_codes, length=settings.backup_code_length)


@sensitive_variables()
def code_rows(user: AbstractBaseUser, codes: Sequence[str]) -> list[BackupCode]:
    """Return an unsaved row for each code. Raises ValueError like `code_row`, or for duplicates."""
    rows = [code_row(user.pk, code) for code in codes]
    if len({row.fingerprint for row in rows}) < len(rows):
        raise ValueError("Two of the backup codes are the same.")
    return rows


@sensitive_variables()
def code_row(user_pk: Any, code: str) -> BackupCode:
    """Return an unsaved row for `code` of this user.

    Raises ValueError, which contains no code, if it is empty, too long or not printable ASCII.
    """
    forms = stored_forms(code)
    if not forms:
        raise ValueError("A backup code must be 1 to 128 printable ASCII characters.")
    settings, owner = get_settings(), str(user_pk)
    # The fingerprint covers the owner, and a decrypted ciphertext is checked against the
    # fingerprint: a row moved to another user is useless.
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

    For a project that creates or imports its own codes. Raises NotEnrolled if the user has no
    authenticator, ValueError for a code that cannot be stored.
    """
    account = Account.of(user)
    if account is None or not account.authenticators.using(database()).exists():
        raise NotEnrolled
    rows = code_rows(user, codes)
    with transaction.atomic(using=database()):
        account.write()  # or two calls at once would both store their codes
        replace_codes(user, rows)
        record(user, Event.Type.BACKUP_CODES_ROTATED, request=None)
    return list(codes)


@sensitive_variables()
def verify_backup_code(
    user: AbstractBaseUser, input_code: str, *, request: HttpRequest | None = None
) -> bool:
    """Redeem `input_code`: True once for a correct code, False for a wrong or used one.

    Raises NotEnabled without a confirmed authenticator, BackupCodesLocked after too many failures.
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
    """Replace the user's codes by new ones and return these. They are shown only once.

    Raises NotEnrolled without a confirmed authenticator; SecondFactorRequired if an authentication
    context is too old; InvalidCode or Locked if a proof is refused; NotAuthenticated if
    `authenticated_at` is before the last recovery (see `require_since_reset`).
    """
    by = context_of_authority(user, authority, authenticated_at, request, api)
    codes = fresh_codes()
    rows = code_rows(user, codes)

    @retry_on_conflict
    def rotate() -> list[str]:
        account = changeable_account(user, by, authenticated_at)
        with transaction.atomic(using=database()):
            account.write()
            replace_codes(user, rows)
            record(user, Event.Type.BACKUP_CODES_ROTATED, request=request, api=api)
        signals.announce(signals.backup_codes_rotated, user=user, request=request, api=api)
        return codes

    return rotate()
