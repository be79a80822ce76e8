"""The packages that users can be carried over from, by the name that the command takes."""

from collections.abc import Mapping

from ninja_totp.importers.peers import Source
from ninja_totp.importers.sources import (
    allauth_mfa,
    dj_rest_auth_mfa,
    django_mfa,
    django_otp,
    django_totp,
    drf_jwt_2fa,
    drf_totp,
    mfa2,
    mfa3,
    trench,
    two_factor,
)

__all__ = ["SOURCES"]

_MODULES = (
    django_totp,
    django_otp,
    two_factor,
    allauth_mfa,
    drf_totp,
    django_mfa,
    trench,
    mfa2,
    mfa3,
    dj_rest_auth_mfa,
    drf_jwt_2fa,
)
SOURCES: Mapping[str, Source] = {module.SOURCE.name: module.SOURCE for module in _MODULES}
