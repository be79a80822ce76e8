"""django-mfa2 3: secrets in plain text, in rows that name their user instead of pointing there.

Of recovery codes it has a hash alone, so that they cannot be carried over. It takes codes up to
fifteen minutes old or early, and remembers only when a row was last used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist

from ninja_totp.conf import get_settings
from ninja_totp.importers.found import (
    Found,
    ImportedFactor,
    Refused,
    all_of,
    lost_as_hashes,
    newest_step,
)
from ninja_totp.importers.peers import Source, as_list, by, losing_damaged_codes, model_of, rows

REMARK = (
    "django-mfa2 took codes up to 15 minutes old or early; ninja_totp takes those of one step\n"
    "(TOTP_WINDOW) before and after. Phones whose clock is further off have to be set."
)


def owners() -> list[str]:
    """Return the names of those who have a key that is switched on."""
    return sorted(set(_keys().values_list("username", flat=True)))


def factors(owners: Sequence[str]) -> Iterator[Found]:
    """Yield what each user with one of these names has, in two queries."""
    keys = by("username", _keys().filter(username__in=owners).order_by("pk"))
    user_pks = _user_pks(owners)
    for name in owners:
        if name in user_pks:
            yield _found(user_pks[name], keys[name])
        else:
            yield Refused(None, f"User_Keys row {keys[name][0].pk} names no user")


def _keys() -> Any:
    return rows(model_of("mfa", "User_Keys")).filter(enabled=True)


def user_pk_of(name: str) -> Any:
    """Return the primary key of the user with this name, None when there is none."""
    return _user_pks([name]).get(name)


def _user_pks(names: Sequence[str]) -> dict[str, Any]:
    user = get_user_model()
    try:
        field = user._meta.get_field("username").name
    except FieldDoesNotExist:
        field = user.USERNAME_FIELD
    users = rows(user).filter(**{f"{field}__in": names})
    return {str(name): pk for name, pk in users.values_list(field, "pk")}


def _found(owner: Any, keys: list[Any]) -> Found:
    totps = [key for key in keys if key.key_type == "TOTP"]
    others = [key for key in keys if key.key_type not in ("TOTP", "RECOVERY")]
    if not totps:
        only = ", ".join(f"{key.key_type} {key.pk}" for key in keys)
        return Refused(owner, f"no authenticator app, only {only}")
    totps.sort(key=lambda key: (key.last_used or key.added_on, key.pk), reverse=True)
    factor = all_of([(f"TOTP {key.pk}", _factor(owner, key)) for key in totps])
    if isinstance(factor, Refused):
        return factor
    lost = (f"{key.key_type} {key.pk}: no authenticator app" for key in others)
    factor = replace(factor, notes=(*factor.notes, *lost))
    return _with_codes(factor, keys)


def _factor(owner: Any, key: Any) -> ImportedFactor:
    # Of one key that is damaged, the reason is given; another one may do.
    properties: dict[str, Any] = key.properties if isinstance(key.properties, dict) else {}
    window = get_settings().window
    used_at = key.last_used or key.added_on
    return ImportedFactor(
        owner,
        properties.get("secret_key", ""),
        window=window,
        last_step=newest_step(used_at, window=window, period_seconds=30),
        confirmed_at=key.added_on,
        last_used_at=key.last_used,
    )


@losing_damaged_codes
def _with_codes(factor: ImportedFactor, keys: list[Any]) -> ImportedFactor:
    recovery = [key for key in keys if key.key_type == "RECOVERY"]
    unused = [code for key in recovery for code in as_list(key.properties["secret_keys"])]
    return replace(factor, lost_codes=lost_as_hashes(unused))


SOURCE = Source("mfa2", "django-mfa2", owners, factors, REMARK, user_pk_of)
