"""django-totp 1.1: secrets and backup codes are Fernet tokens under TOTP_ENCRYPTION_KEY, as ours.

It remembers neither the step of a used code nor when one was used.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.fernet import InvalidToken

from ninja_totp.conf import get_settings
from ninja_totp.importers.found import Found, ImportedFactor, Refused, Unfinished, lost
from ninja_totp.importers.peers import Source, by, model_of, owners_of, rows

_PACKAGE = "django_totp"


def owners() -> list[Any]:
    """Return who has a row, confirmed or not."""
    return owners_of(rows(model_of(_PACKAGE, "Totp")))


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in two queries."""
    totps = rows(model_of(_PACKAGE, "Totp")).filter(user_id__in=owners)
    codes = rows(model_of(_PACKAGE, "BackupCode")).filter(totp__user_id__in=owners)
    codes_of = by("totp_id", codes.order_by("pk"))
    for totp in totps:
        yield _factor(totp, codes_of[totp.pk])


def _factor(totp: Any, codes: list[Any]) -> Found:
    # Used or not: django-totp makes the codes when the first code from the app is right.
    if not codes:
        return Unfinished(totp.user_id)
    secret = _decrypted(totp.secret_key)
    if secret is None:
        return Refused(totp.user_id, "no key of TOTP_ENCRYPTION_KEY decrypts its secret")
    unused = [_decrypted(code.code) for code in codes if not code.is_used]
    return ImportedFactor(
        totp.user_id,
        secret,
        confirmed_at=min(code.created_at for code in codes),
        backup_codes=tuple(code for code in unused if code is not None),
        lost_codes=lost(unused.count(None), "that no key decrypts"),
    )


def _decrypted(token: str) -> str | None:
    try:
        return get_settings().key_ring.decrypt(token)
    except InvalidToken:
        return None


SOURCE = Source("django_totp", "django-totp", owners, factors)
