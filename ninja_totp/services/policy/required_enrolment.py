"""Setting up a required factor with what a password has earned: a token that can do only that.

The token is a challenge (see `auth.py`) for a purpose of its own: it opens no other call, ends
with a new password, a deactivation and any change of the factor, and is used up by the first
confirmation.
"""

from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import signals
from ninja_totp.async_variants import awaitable
from ninja_totp.core.errors import AlreadyConfirmed, AlreadyEnabled, InvalidChallenge
from ninja_totp.models import Challenge
from ninja_totp.services.enrolment import (
    TotpSetup,
    confirm_pending,
    create_totp_setup,
    pending_ground,
)
from ninja_totp.services.login import challenge_digest, open_challenge_row
from ninja_totp.services.proof import Ground
from ninja_totp.services.step_up import AuthContext

__all__ = [
    "CompletedEnrolment",
    "abegin_required_enrolment",
    "acomplete_required_enrolment",
    "begin_required_enrolment",
    "complete_required_enrolment",
]


@dataclass(frozen=True, slots=True)
class CompletedEnrolment:
    """A user who has set the factor up and is to be logged in, and the new backup codes."""

    user: AbstractBaseUser
    backup_codes: list[str] = field(repr=False)
    auth_context: AuthContext


@sensitive_variables()
def begin_required_enrolment(
    token: str, *, purpose: Challenge.Purpose = Challenge.Purpose.ENROLMENT
) -> TotpSetup:
    """Make a pending secret for the user of an enrolment token, which stays open.

    Raises InvalidChallenge for a token that is forged, used, expired, of another purpose, or ended
    by a new password, a factor or a deactivation.
    """
    user = open_challenge_row(challenge_digest(token), purpose).user
    try:
        return create_totp_setup(user)
    except AlreadyEnabled:  # at the same time, from elsewhere
        raise InvalidChallenge from None


@sensitive_variables()
def complete_required_enrolment(
    token: str,
    input_code: str,
    *,
    purpose: Challenge.Purpose = Challenge.Purpose.ENROLMENT,
    request: HttpRequest | None = None,
) -> CompletedEnrolment:
    """Put the pending secret into use and use the enrolment token up.

    Raises what `begin_required_enrolment` and `confirm_totp_setup` raise.
    """
    digest = challenge_digest(token)

    def read() -> Ground:
        challenge = open_challenge_row(digest, purpose)
        ground = pending_ground(challenge.user, None, challenge)
        if ground.totp.is_enabled:  # the pending one is a replacement, of which this is not the way
            raise InvalidChallenge
        return ground

    try:
        user, confirmation = confirm_pending(read, input_code, request=request)
    except AlreadyConfirmed:
        raise InvalidChallenge from None
    signals.announce(signals.totp_login_succeeded, user=user, request=request)
    return CompletedEnrolment(user, confirmation.backup_codes, confirmation.auth_context)


abegin_required_enrolment = awaitable(begin_required_enrolment)
acomplete_required_enrolment = awaitable(complete_required_enrolment)
