"""Imported backup codes of which nothing but a hash is known, made by another package.

They cannot be fingerprinted before they are typed, so they are tried one by one. New codes never
come here; the first rotation ends it. What a wrong code costs is decided in `verification.py`.
"""

import hmac
import string
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from ninja_totp.conf import get_settings
from ninja_totp.core.backup_codes import stored_forms
from ninja_totp.models import BackupCode
from ninja_totp.services.swapping import database

__all__ = ["MOST_HASHED_CODES", "hashed_code_row", "is_drf_totp_hash", "matching_hashed_code"]

# Each of them costs one run of a password hasher when a code is wrong.
MOST_HASHED_CODES = 16

_DRF_TOTP = "hmac_sha256$"
# What hashers raise at a hash that is damaged. It must not keep its owner's other codes from
# working.
_AT_A_BROKEN_HASH = (ValueError, TypeError, OverflowError, LookupError, AssertionError)
_IGNORED = str.maketrans(string.ascii_lowercase, string.ascii_uppercase, string.whitespace + "-")


def is_drf_totp_hash(hashed: str) -> bool:
    """Return whether `hashed` is an HMAC under SECRET_KEY, as drf-totp stores its codes."""
    return hashed.startswith(_DRF_TOTP)


def hashed_code_row(user_pk: Any, hashed: str) -> BackupCode:
    """Return the row, not yet saved, for a code of which only `hashed` is known."""
    # NUL cannot be typed: otherwise whoever reads the table could type the hash for the code.
    fingerprint = get_settings().key_ring.fingerprint(f"\0{hashed}", owner=str(user_pk))
    return BackupCode(fingerprint=fingerprint, user_id=user_pk, legacy_hash=hashed)


@sensitive_variables()
def matching_hashed_code(user_pk: Any, text: str) -> uuid.UUID | None:
    """Return the fingerprint of the user's unused hashed code that `text` is, None if it is none.

    Finding it uses nothing up. As slow as the password hashers of the site: to be run in no
    transaction.
    """
    forms = stored_forms(text)
    if not forms:
        return None
    codes = BackupCode.objects.using(database()).filter(user=user_pk, used_at=None)
    for code in codes.exclude(legacy_hash="")[:MOST_HASHED_CODES]:
        if _is_hash_of(forms[-1], code.legacy_hash):
            return code.fingerprint
    return None


def _is_hash_of(typed: str, hashed: str) -> bool:
    if is_drf_totp_hash(hashed):
        return _is_drf_totp_hash_of(typed, hashed.removeprefix(_DRF_TOTP))
    try:
        # Not check_password(), which takes as long again to hide how strong the hash is.
        return identify_hasher(hashed).verify(typed, hashed)
    except _AT_A_BROKEN_HASH:
        return False


def _is_drf_totp_hash_of(typed: str, digest: str) -> bool:
    code = typed.translate(_IGNORED)
    # A list: an error report would show SECRET_KEY in the frame of a generator.
    digests = [
        salted_hmac("drf_totp.backup_code", code, secret=key, algorithm="sha256").hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    # As bytes: text that is not ASCII would be compared with a TypeError.
    known = digest.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(expected.encode(), known) for expected in digests)
