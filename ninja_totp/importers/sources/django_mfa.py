"""django-mfa 4: secrets are plain or signed under MFA_SECRET_ENCRYPTION_KEYS.

Of recovery codes it has a hash alone, so that they cannot be carried over; those of its older
versions are in plain text. The last used step is stored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.core.signing import BadSignature
from django.utils.module_loading import import_string

from ninja_totp.importers.found import Found, ImportedFactor, Refused, lost_as_hashes
from ninja_totp.importers.peers import (
    Source,
    as_list,
    by,
    losing_damaged_codes,
    model_of,
    owners_of,
    rows,
)


def owners() -> list[Any]:
    """Return who has an authenticator of any type."""
    return owners_of(_authenticators())


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in one query."""
    authenticators = by("user_id", _authenticators().filter(user_id__in=owners).order_by("pk"))
    for owner in owners:
        yield _found(owner, {one.type: one for one in authenticators[owner]})


def _authenticators() -> Any:
    return rows(model_of("django_mfa", "Authenticator"))


def _found(owner: Any, by_type: dict[str, Any]) -> Found:
    if "totp" not in by_type:
        return Refused(owner, f"no authenticator app, only {', '.join(by_type)}")
    factor = _factor(by_type["totp"])
    if isinstance(factor, Refused):
        return factor
    others = [one for one in ("webauthn", "email") if one in by_type]
    factor = replace(factor, notes=tuple(f"{other}: no authenticator app" for other in others))
    if "recovery_codes" in by_type:
        factor = _with_codes(factor, by_type["recovery_codes"].data)
    return factor


def _factor(authenticator: Any) -> ImportedFactor | Refused:
    data = authenticator.data
    try:
        secret = import_string("django_mfa.crypto.decrypt")(data["secret"])
    except BadSignature:
        reason = "no key of MFA_SECRET_ENCRYPTION_KEYS opens its secret"
        return Refused(authenticator.user_id, reason)
    return ImportedFactor(
        authenticator.user_id,
        secret,
        last_step=data.get("last_verified_counter"),
        confirmed_at=authenticator.created_at,
        last_used_at=authenticator.last_used_at,
    )


@losing_damaged_codes
def _with_codes(factor: ImportedFactor, data: dict[str, Any]) -> ImportedFactor:
    used = as_list(data.get("used", []))
    if not all(type(index) is int for index in used):
        raise TypeError("used holds something else than numbers")
    codes = tuple(code for index, code in enumerate(as_list(data["codes"])) if index not in used)
    # Nothing but true: anyone who reads the table could type a hash that passed for a plain code.
    if data.get("migrated_plaintext") is True:
        return replace(factor, backup_codes=codes)
    return replace(factor, lost_codes=lost_as_hashes(codes))


SOURCE = Source("django_mfa", "django-mfa", owners, factors)
