"""allauth.mfa: secrets as its adapter encrypts them, recovery codes as it derives them.

Both are asked of allauth itself, since a project may have an adapter of its own. The last used
step is not stored, but the moment of the last use is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from ninja_totp.importers.found import Found, ImportedFactor, Refused, newest_step
from ninja_totp.importers.peers import Source, as_list, by, model_of, owners_of, rows


def owners() -> list[Any]:
    """Return who has an authenticator of any type."""
    return owners_of(_authenticators())


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in one query."""
    authenticators = by("user_id", _authenticators().filter(user_id__in=owners).order_by("pk"))
    for owner in owners:
        yield _found(owner, {one.type: one for one in authenticators[owner]})


def _authenticators() -> Any:
    return rows(model_of("allauth.mfa", "Authenticator"))


def _found(owner: Any, by_type: dict[str, Any]) -> Found:
    if "totp" not in by_type:
        return Refused(owner, f"no authenticator app, only {', '.join(by_type)}")
    factor = _factor(by_type["totp"])
    if isinstance(factor, Refused):
        return factor
    if "webauthn" in by_type:
        factor = replace(factor, notes=(*factor.notes, "webauthn: no authenticator app"))
    if "recovery_codes" in by_type:
        factor = _with_codes(factor, by_type["recovery_codes"])
    return factor


def _factor(authenticator: Any) -> ImportedFactor | Refused:
    period, window = _setting("TOTP_PERIOD", 30), _setting("TOTP_TOLERANCE", 0)
    try:
        secret = import_string("allauth.mfa.utils.decrypt")(authenticator.data["secret"])
    except Exception:  # noqa: BLE001 - a project's adapter fails as it likes
        return Refused(authenticator.user_id, "MFA_ADAPTER does not decrypt its secret")
    used_at = authenticator.last_used_at or authenticator.created_at
    return ImportedFactor(
        authenticator.user_id,
        secret,
        digits=_setting("TOTP_DIGITS", 6),
        period_seconds=period,
        window=window,
        last_step=newest_step(used_at, window=window, period_seconds=period),
        confirmed_at=authenticator.created_at,
        last_used_at=authenticator.last_used_at,
    )


def _with_codes(factor: ImportedFactor, authenticator: Any) -> ImportedFactor:
    try:
        codes = as_list(authenticator.wrap().get_unused_codes())
    except Exception:  # noqa: BLE001 - a project's adapter fails as it likes
        return replace(factor, lost_codes=("recovery codes that MFA_ADAPTER does not decrypt",))
    return replace(factor, backup_codes=tuple(codes))


def _setting(name: str, default: int) -> int:
    return getattr(settings, f"MFA_{name}", default)


SOURCE = Source("allauth_mfa", "django-allauth", owners, factors)
