"""The documented helpers for the life of an authenticator, synchronous.

They check no caller: a view that calls them answers for who may. What goes wrong is a ValueError
with a sentence, as documented, and one of ours (`ninja_totp.core.errors`) at the same time.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.views.decorators.debug import sensitive_variables

from ninja_totp import services
from ninja_totp.core.errors import NotEnabled, NotEnrolled, Unavailable
from ninja_totp.core.otp import new_secret

__all__ = [
    "confirm_totp_setup",
    "create_totp_setup",
    "disable_totp",
    "generate_totp_secret",
    "verify_totp_code",
]


def generate_totp_secret() -> str:
    """Return a new secret in base32: 160 random bits."""
    return new_secret()


@sensitive_variables()
def verify_totp_code(user: AbstractBaseUser, input_code: str) -> bool:
    """Use `input_code`: True once for a right code, False for a wrong or a used one.

    ValueError without a confirmed factor (NotEnrolled) and while codes are locked (Locked, which
    says for how long). A secret that no key opens accepts no code: False, and an error in the log.
    """
    try:
        return services.verify_totp_code(user, input_code)
    except NotEnabled:  # in the documented words
        raise NotEnrolled from None
    except Unavailable:
        return False


@sensitive_variables()
def create_totp_setup(user: AbstractBaseUser) -> str:
    """Start an enrolment and return its QR code as SVG. ValueError when a factor is in use."""
    return services.create_totp_setup(user).svg


@sensitive_variables()
def confirm_totp_setup(user: AbstractBaseUser, input_code: str) -> list[str]:
    """Put the pending secret into use and return new backup codes.

    ValueError when nothing is pending, for a wrong code and while codes are locked; Unavailable,
    which is none, when no key opens the pending secret.
    """
    return services.confirm_totp_setup(user, input_code).backup_codes


def disable_totp(user: AbstractBaseUser) -> None:
    """Switch the second factor off, or call a pending one off. ValueError when there is neither."""
    services.disable_totp(user)
