"""The documented helpers for backup codes, synchronous. They do not check the caller."""

from django.contrib.auth.models import AbstractBaseUser
from django.views.decorators.debug import sensitive_variables

from ninja_totp import services
from ninja_totp.core.errors import NotEnabled, NotEnrolled
from ninja_totp.services import store_backup_codes

__all__ = ["rotate_backup_codes", "store_backup_codes", "verify_backup_code"]


@sensitive_variables()
def verify_backup_code(user: AbstractBaseUser, input_code: str) -> bool:
    """Redeem `input_code`: True once for a correct code. ValueError without 2FA or if locked."""
    try:
        return services.verify_backup_code(user, input_code)
    except NotEnabled:  # with the documented sentence
        raise NotEnrolled from None


def rotate_backup_codes(user: AbstractBaseUser) -> list[str]:
    """Replace the user's codes by new ones and return these. ValueError without 2FA."""
    return services.rotate_backup_codes(user)
