"""drf-jwt-2fa 2.0: secrets are Fernet tokens under a key of its own, or one made of SECRET_KEY.

It has no backup codes, and remembers no step. Codes by e-mail or SMS are no authenticator.
"""

import base64
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from ninja_totp.importers.found import Found, ImportedFactor, Refused, Unfinished
from ninja_totp.importers.peers import Source, model_of, owners_of, rows

_PACKAGE = "drf_jwt_2fa"


def owners() -> list[Any]:
    """Return who uses a second factor, or has begun to set one up."""
    found = rows(model_of(_PACKAGE, "UserTwoFactorAuthData"))
    return owners_of(
        found.exclude(preferred_2fa_auth__in=("", "no-2fa"), encrypted_totp_secret_pending="")
    )


def factors(owners: Sequence[Any]) -> Iterator[Found]:
    """Yield what each of `owners` has, in one query."""
    found = rows(model_of(_PACKAGE, "UserTwoFactorAuthData")).filter(user_id__in=owners)
    return map(_factor, found.order_by("user_id"))


def _factor(data: Any) -> Found:
    if data.preferred_2fa_auth == "code-sender":
        return Refused(data.user_id, "no authenticator app, only codes that are sent")
    if data.preferred_2fa_auth != "totp":
        return Unfinished(data.user_id)
    try:
        secret = Fernet(_key()).decrypt(data.encrypted_totp_secret).decode()
    except (InvalidToken, ValueError):
        return Refused(data.user_id, "the key of JWT2FA_AUTH does not decrypt its secret")
    return ImportedFactor(data.user_id, secret, window=_setting("TOTP_VALID_WINDOW", 1))


def _key() -> bytes:
    derived = hmac.digest(settings.SECRET_KEY.encode(), b"2fa-totp-enc", "sha256")
    return base64.urlsafe_b64encode(_setting("TOTP_ENCRYPTION_KEY", derived))


def _setting(name: str, default: Any) -> Any:
    return (getattr(settings, "JWT2FA_AUTH", None) or {}).get(name, default)


SOURCE = Source("drf_jwt_2fa", "drf-jwt-2fa", owners, factors)
