"""django-trench 0.3: secrets in plain text, the period a setting of the method "app".

Backup codes are hashed by a password hasher unless ENCRYPT_BACKUP_CODES is off. Nothing is
stored of what was used when.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings

from ninja_totp.importers.found import Found, ImportedFactor, Refused, Unfinished, lost_as_hashes
from ninja_totp.importers.peers import Source, SourceMissing, by, owners_of, rows

_APP = "app"


def owners() -> list[Any]:
    """Return who has a method of any kind, active or not."""
    return owners_of(_methods())


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in one query."""
    methods = by("user_id", _methods().filter(user_id__in=owners, is_active=True).order_by("pk"))
    for owner in owners:
        yield _found(owner, methods[owner])


def _methods() -> Any:
    name = _configured("USER_MFA_MODEL", "trench.MFAMethod")
    try:
        return rows(apps.get_model(name))
    except LookupError:
        raise SourceMissing(f"INSTALLED_APPS has no {name}.") from None


def _configured(name: str, default: Any) -> Any:
    return getattr(settings, "TRENCH_AUTH", {}).get(name, default)


def _found(owner: Any, methods: list[Any]) -> Found:
    if not methods:
        return Unfinished(owner)
    app = next((method for method in methods if method.name == _APP), None)
    others = [method.name for method in methods if method is not app]
    if app is None:
        return Refused(owner, f"no authenticator app, only {', '.join(others)}")
    # Each active method has codes of its own, and each of them lets the user in.
    codes = [code for method in methods for code in method.backup_codes if code]
    # Told by the code: the setting may have changed since, and anyone who reads the table could
    # type a hash that passed for a plain code.
    hashed = [code for code in codes if "$" in code]
    return ImportedFactor(
        owner,
        app.secret,
        period_seconds=_period(),
        window=0,
        backup_codes=tuple(code for code in codes if code not in hashed),
        lost_codes=lost_as_hashes(hashed),
        notes=tuple(f"{other}: no authenticator app" for other in others),
    )


def _period() -> int:
    return int(_configured("MFA_METHODS", {}).get(_APP, {}).get("VALIDITY_PERIOD", 30))


SOURCE = Source("trench", "django-trench", owners, factors)
