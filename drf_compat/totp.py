"""The documented helpers for an authenticator, synchronous.

They do not check the caller: the view that calls them is responsible. Errors are ValueErrors with
the documented sentences, and ours (`ninja_totp.core.errors`) at the same time.
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
    """Check and use up `input_code`: True once for a correct code, False for a wrong or used one.

    ValueError without a confirmed authenticator (NotEnrolled) and while codes are locked (Locked,
    which says for how long). If no key opens the secret: False, and an error in the log.
    """
    try:
        return services.verify_totp_code(user, input_code)
    except NotEnabled:  # with the documented sentence
        raise NotEnrolled from None
    except Unavailable:
        return False


@sensitive_variables()
def create_totp_setup(user: AbstractBaseUser) -> str:
    """Start setting up 2FA and return the QR code as SVG. ValueError if 2FA is on."""
    return services.create_totp_setup(user).svg


@sensitive_variables()
def confirm_totp_setup(user: AbstractBaseUser, input_code: str) -> list[str]:
    """Confirm the pending authenticator and return new backup codes.

    ValueError if nothing is pending, for a wrong code and after too many of them. Unavailable,
    which is no ValueError, if no key opens the pending secret.
    """
    return services.confirm_totp_setup(user, input_code).backup_codes


def disable_totp(user: AbstractBaseUser) -> None:
    """Turn off 2FA, or cancel a pending enrolment. ValueError if there is neither."""
    services.disable_totp(user)
