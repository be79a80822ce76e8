"""The documented helpers for a two-step login in a view of your project.

A challenge token is not only a signed user id: it is a row in the database, which ends with a new
password, a changed second factor, too many attempts and its first use by `ninja_totp.services`.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.signing import BadSignature, SignatureExpired
from django.views.decorators.debug import sensitive_variables

from ninja_totp import services
from ninja_totp.core.errors import ExpiredChallenge, InvalidChallenge
from ninja_totp.services import is_totp_enabled

__all__ = [
    "CHALLENGE_LIFETIME_SECONDS",
    "ExpiredChallengeToken",
    "InvalidChallengeToken",
    "generate_challenge_token",
    "get_user_from_challenge_token",
    "is_totp_enabled",
    "verify_challenge_token",
]

# The lifetime of a challenge if TOTP_TOKEN_MAX_AGE is not set, as documented.
CHALLENGE_LIFETIME_SECONDS = 120


class InvalidChallengeToken(InvalidChallenge, BadSignature):
    """The token is forged, used up or revoked."""

    sentence = "Invalid or tampered TOTP token."


class ExpiredChallengeToken(ExpiredChallenge, SignatureExpired):
    """The token has expired."""

    sentence = "TOTP token has expired."


def generate_challenge_token(user: AbstractBaseUser) -> str:
    """Return a token for the second step. Its lifetime is TOTP_TOKEN_MAX_AGE, or 120 s."""
    return services.generate_challenge_token(user, lifetime_seconds=CHALLENGE_LIFETIME_SECONDS)


@sensitive_variables()
def verify_challenge_token(token: str) -> Any:
    """Return the primary key of the token's user. Raises BadSignature or SignatureExpired."""
    return get_user_from_challenge_token(token).pk


@sensitive_variables()
def get_user_from_challenge_token(token: str) -> AbstractBaseUser:
    """Return the token's user. Raises BadSignature or SignatureExpired."""
    try:
        return services.get_user_from_challenge_token(token)
    except ExpiredChallenge:
        raise ExpiredChallengeToken from None
    except InvalidChallenge:
        raise InvalidChallengeToken from None
