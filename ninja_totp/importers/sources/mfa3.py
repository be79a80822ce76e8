"""django-mfa3 1.1: secrets in plain text, each recovery code a row with a hash alone.

Of the last use it remembers the code and not the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from ninja_totp import clock
from ninja_totp.core.otp import OtpParameters, matching_step
from ninja_totp.importers.found import (
    LARGEST_WINDOW,
    Found,
    ImportedFactor,
    Refused,
    all_of,
    lost_as_hashes,
)
from ninja_totp.importers.peers import Source, by, model_of, owners_of, rows


def owners() -> list[Any]:
    """Return who has a key of any kind."""
    return owners_of(_keys())


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in one query."""
    keys = by("user_id", _keys().filter(user_id__in=owners).order_by("pk"))
    for owner in owners:
        yield _found(owner, keys[owner])


def _keys() -> Any:
    return rows(model_of("mfa", "MFAKey"))


def _found(owner: Any, keys: list[Any]) -> Found:
    totps = [key for key in keys if key.method == "TOTP"]
    others = [key for key in keys if key.method not in ("TOTP", "recovery")]
    if not totps:
        only = ", ".join(f"{key.method} {key.pk}" for key in keys)
        return Refused(owner, f"no authenticator app, only {only}")
    # One that was used before one that never was; the newest of them.
    totps.sort(key=lambda key: (bool(key.last_code), key.pk), reverse=True)
    factor = all_of([(f"TOTP {key.pk}", _factor(key)) for key in totps])
    if isinstance(factor, Refused):
        return factor
    return replace(
        factor,
        lost_codes=lost_as_hashes([key for key in keys if key.method == "recovery"]),
        notes=(*factor.notes, *(f"{key.method} {key.pk}: no authenticator app" for key in others)),
    )


def _factor(key: Any) -> ImportedFactor:
    window = getattr(settings, "MFA_TOTP_VALID_WINDOW", 0)
    step = _last_step(key)
    return ImportedFactor(key.user_id, key.secret, window=window, last_step=step, name=key.name)


def _last_step(key: Any) -> int:
    # Found again only as long as it could be used again, which is all that matters.
    reach, now = LARGEST_WINDOW + 1, clock.now()
    try:
        step = matching_step(
            key.secret, key.last_code, at=now, window=reach, parameters=OtpParameters()
        )
    except ValueError:
        return 0
    return step or 0


SOURCE = Source("mfa3", "django-mfa3", owners, factors)
