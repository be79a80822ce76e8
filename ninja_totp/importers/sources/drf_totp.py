"""drf-totp 0.2: secrets are plain or Fernet tokens under the TOTP_ENCRYPTION_KEY that we share.

TOTP_DIGITS, TOTP_PERIOD and TOTP_VALID_WINDOW are its settings for everybody. Of backup codes it
has an HMAC alone, so that they cannot be carried over.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from ninja_totp.conf import get_settings
from ninja_totp.importers.found import Found, ImportedFactor, Refused, Unfinished, lost_as_hashes
from ninja_totp.importers.peers import Source, by, model_of, owners_of, rows

_PACKAGE = "drf_totp"
_ENCRYPTED = "fernet$"


def owners() -> list[Any]:
    """Return who has a row, confirmed or not."""
    return owners_of(rows(model_of(_PACKAGE, "TOTPAuth")))


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in two queries."""
    # Past the field's own decryption: one secret of a lost key would stop the whole batch.
    auths = rows(model_of(_PACKAGE, "TOTPAuth")).filter(user_id__in=owners).defer("otp_base32")
    unused = rows(model_of(_PACKAGE, "TOTPBackupCode")).filter(used_at=None)
    codes = by("auth_id", unused.filter(auth__user_id__in=owners).order_by("pk"))
    for auth in auths.annotate(stored=Cast("otp_base32", TextField())):
        yield _factor(auth, codes[auth.pk])


def _factor(auth: Any, unused_codes: list[Any]) -> Found:
    if not (auth.otp_verified and auth.stored):
        return Unfinished(auth.user_id)
    secret = _decrypted(auth.stored)
    if secret is None:
        return Refused(auth.user_id, "no key of TOTP_ENCRYPTION_KEY decrypts its secret")
    return ImportedFactor(
        auth.user_id,
        secret,
        digits=getattr(settings, "TOTP_DIGITS", 6),
        period_seconds=getattr(settings, "TOTP_PERIOD", 30),
        window=getattr(settings, "TOTP_VALID_WINDOW", 1),
        last_step=auth.last_used_step,
        confirmed_at=auth.created_at,
        last_used_at=auth.last_used_at,
        lost_codes=lost_as_hashes(unused_codes),
    )


def _decrypted(stored: str) -> str | None:
    if not stored.startswith(_ENCRYPTED):
        return stored
    try:
        return get_settings().key_ring.decrypt(stored.removeprefix(_ENCRYPTED))
    except InvalidToken:
        return None


SOURCE = Source("drf_totp", "drf-totp", owners, factors)
