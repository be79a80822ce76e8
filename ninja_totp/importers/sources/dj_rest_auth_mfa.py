"""dj-rest-auth's own MFA (dj_rest_auth.mfa, 7.1 and later): secrets signed, codes derived.

The plug-in dj-rest-auth-mfa, which is older and another package, has no tables: it keeps its
factors in django-mfa2's, and a user of that package is carried over from there.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.signing import BadSignature, Signer

from ninja_totp.core.otp import OtpParameters, matching_step
from ninja_totp.importers.found import Found, ImportedFactor, Refused, checked, newest_step
from ninja_totp.importers.peers import Source, by, losing_damaged_codes, model_of, owners_of, rows
from ninja_totp.importers.sources import mfa2

# The package makes 32 bytes. The codes of none at all are known to everybody.
_SHORTEST_SEED = 16


def owners() -> Sequence[Any]:
    """Return who has an authenticator, under whatever name the tables know them."""
    if _is_the_plug_in():
        return mfa2.owners()
    return owners_of(_authenticators())


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has."""
    if _is_the_plug_in():
        return mfa2.factors(owners)
    return _own_factors(owners)


def user_pk_of(owner: Any) -> Any:
    """Return the primary key of the user whom the tables know as `owner`."""
    return mfa2.user_pk_of(owner) if _is_the_plug_in() else owner


def _is_the_plug_in() -> bool:
    return apps.is_installed("dj_rest_auth_mfa") and not apps.is_installed("dj_rest_auth.mfa")


def _own_factors(owners: Sequence[Any]) -> Iterator[Found]:
    authenticators = by("user_id", _authenticators().filter(user_id__in=owners).order_by("pk"))
    for owner in owners:
        yield _found(owner, {one.type: one for one in authenticators[owner]})


def _authenticators() -> Any:
    return rows(model_of("dj_rest_auth.mfa", "Authenticator"))


def _found(owner: Any, by_type: dict[str, Any]) -> Found:
    if "totp" not in by_type:
        return Refused(owner, f"no authenticator app, only {', '.join(by_type)}")
    factor = _factor(by_type["totp"])
    if "recovery_codes" not in by_type or isinstance(factor, Refused):
        return factor
    return _with_codes(factor, by_type["recovery_codes"].data)


def _factor(authenticator: Any) -> ImportedFactor | Refused:
    try:
        secret = Signer(salt="dj-rest-auth-mfa-totp-secret").unsign(authenticator.data["secret"])
    except BadSignature:
        reason = "neither SECRET_KEY nor its fallbacks have signed its secret"
        return Refused(authenticator.user_id, reason)
    factor = checked(
        ImportedFactor(
            authenticator.user_id,
            secret,
            digits=_setting("MFA_TOTP_DIGITS", 6),
            period_seconds=_setting("MFA_TOTP_PERIOD", 30),
            confirmed_at=authenticator.created_at,
            last_used_at=authenticator.last_used_at,
        )
    )
    if isinstance(factor, Refused):
        return factor
    return replace(factor, last_step=_last_step(factor, authenticator))


def _last_step(factor: ImportedFactor, authenticator: Any) -> int:
    enrolled = newest_step(factor.confirmed_at, window=1, period_seconds=factor.period_seconds)
    last_code = authenticator.data.get("last_code")
    if last_code is None or factor.last_used_at is None:
        return enrolled
    parameters = OtpParameters(factor.digits, factor.period_seconds, factor.algorithm)
    at = int(factor.last_used_at.timestamp())
    # Checked a moment before it was recorded: hence two steps around and not one.
    used = matching_step(factor.secret, last_code, at=at, window=2, parameters=parameters)
    return max(enrolled, used or 0)


@losing_damaged_codes
def _with_codes(factor: ImportedFactor, data: dict[str, Any]) -> ImportedFactor:
    return replace(factor, backup_codes=tuple(_unused_codes(data)))


def _unused_codes(data: dict[str, Any]) -> Iterator[str]:
    seed, used_mask = bytes.fromhex(data["seed"]), data.get("used_mask", 0)
    if len(seed) < _SHORTEST_SEED:
        raise ValueError("The seed is too short.")
    for index in range(_setting("MFA_RECOVERY_CODE_COUNT", 10)):
        if not used_mask >> index & 1:
            digest = hmac.digest(seed, str(index).encode(), hashlib.sha256).hex()
            yield f"{digest[:4]}-{digest[4:8]}"


def _setting(name: str, default: int) -> int:
    return int(getattr(settings, "REST_AUTH", {}).get(name, default))


SOURCE = Source("dj_rest_auth_mfa", "dj-rest-auth", owners, factors, user_pk_of=user_pk_of)
