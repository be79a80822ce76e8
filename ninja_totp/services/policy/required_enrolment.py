"""Set up required 2FA with the token of a first step, which is good for nothing else.

The token is a challenge (see `login.py`) with its own purpose. It ends with a new password, a
deactivation and any change of the second factor, and the first confirmation uses it up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.core.errors import AlreadyEnabled, InvalidChallenge
from ninja_totp.models import Challenge
from ninja_totp.services.enrolment import TotpSetup, confirm, create_totp_setup, pending_of
from ninja_totp.services.login import challenge_digest, open_challenge
from ninja_totp.services.step_up import AuthContext
from ninja_totp.transactions import retry_on_conflict


@dataclass(frozen=True, slots=True)
class CompletedEnrolment:
    """A user who has set up 2FA and can be logged in, and the new backup codes."""

    user: AbstractBaseUser
    backup_codes: list[str] = field(repr=False)
    auth_context: AuthContext


@sensitive_variables()
def begin_required_enrolment(
    token: str, *, purpose: Challenge.Purpose = Challenge.Purpose.ENROLMENT
) -> TotpSetup:
    """Create a pending secret for the user of an enrolment token. The token stays open.

    Raises InvalidChallenge for a token that is forged, used, expired, for another purpose, or ended
    by a new password, a second factor or a deactivation.
    """
    digest = challenge_digest(token)
    user = open_challenge(digest, purpose, now=clock.now()).user
    try:
        return create_totp_setup(user, credential=digest)
    except AlreadyEnabled:  # at the same time, from elsewhere
        raise InvalidChallenge from None


@sensitive_variables()
@retry_on_conflict
def complete_required_enrolment(
    token: str,
    input_code: str,
    *,
    purpose: Challenge.Purpose = Challenge.Purpose.ENROLMENT,
    may_log_in: Callable[[AbstractBaseUser], bool] | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> CompletedEnrolment:
    """Confirm the pending authenticator and use up the enrolment token.

    Raises what `begin_required_enrolment` and `confirm_totp_setup` raise.
    """
    now, digest = clock.now(), challenge_digest(token)
    opened = open_challenge(digest, purpose, now=now, may_log_in=may_log_in)
    if opened.authenticators:  # 2FA is on: this token must not confirm a replacement
        raise InvalidChallenge
    try:
        pending = pending_of(opened.user, now=now)
    except AlreadyEnabled:  # confirmed since, from elsewhere
        raise InvalidChallenge from None
    confirmation = confirm(
        opened.user,
        pending,
        input_code,
        credential=digest,
        challenge=opened.challenge,
        now=now,
        request=request,
        api=api,
    )
    signals.announce(signals.totp_login_succeeded, user=opened.user, request=request, api=api)
    return CompletedEnrolment(opened.user, confirmation.backup_codes, confirmation.auth_context)
