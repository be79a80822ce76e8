"""Why somebody is not let in: what they came with proves nothing, or not enough."""

from ninja_totp.core.errors.root import TotpError, gettext_noop

__all__ = [
    "ExpiredChallenge",
    "InsufficientAuthentication",
    "InvalidChallenge",
    "InvalidCredentials",
    "NotAuthenticated",
    "SecondFactorRequired",
    "StepUpRequired",
    "TokenNotValid",
    "TotpRequired",
]


class InvalidChallenge(TotpError):
    """The login challenge is forged, used, expired or revoked."""

    code = "invalid_challenge"
    sentence = gettext_noop("Invalid or expired challenge token.")


class ExpiredChallenge(InvalidChallenge):
    """The login challenge is too old. To a client it is as any other that does not work."""


class TotpRequired(TotpError, ValueError):
    """The site's rules want a factor of this account, and it has none or gives its own up."""

    code = "totp_required"
    status = 403
    sentence = gettext_noop("Two-factor authentication is required for this account.")


class InvalidCredentials(TotpError):
    """Name or password is wrong, or the account is inactive: the caller cannot tell which."""

    code = "invalid_credentials"
    status = 401
    sentence = gettext_noop("Invalid credentials.")


class NotAuthenticated(TotpError):
    """The endpoint needs a signed-in user."""

    code = "not_authenticated"
    status = 401
    sentence = gettext_noop("Authentication credentials were not provided or are not valid.")


class TokenNotValid(TotpError):
    """An access or refresh token is forged, expired or revoked."""

    code = "token_not_valid"
    status = 401
    sentence = gettext_noop("Token is invalid or expired.")


class SecondFactorRequired(TotpError):
    """The caller's credential did not go through the second factor, or not lately."""

    code = "second_factor_required"
    status = 403
    sentence = gettext_noop(
        "A recent second factor is required. Verify again or send a code with this request."
    )


class StepUpRequired(TotpError):
    """The endpoint needs a second factor that was proved in the last `max_age` seconds."""

    code = "step_up_required"
    status = 403
    sentence = gettext_noop("This needs a second factor that was verified lately. Verify again.")
    further = ("max_age",)

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence)
        self.max_age = max_age


class InsufficientAuthentication(StepUpRequired):
    """The same for a bearer token: its holder is to come back with a better one (RFC 9470)."""

    status = 401

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence, max_age=max_age)
        self.challenge = (
            'Bearer error="insufficient_user_authentication", '
            'error_description="A more recent second factor is required", '
            f'max_age="{max_age}"'
        )
