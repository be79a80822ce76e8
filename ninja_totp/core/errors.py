"""All errors that a use case can raise: one root, one leaf for each reason.

A leaf has a stable `code` for machines, an HTTP status and a sentence for people. Each API turns it
into a response in one place. No leaf takes a secret, a code or a token, so an exception cannot
carry one into a log or a response.
"""

from collections.abc import Callable
from typing import Any, ClassVar


def _(text: str) -> str:
    # The name marks a sentence for the catalogs. An API translates it when it answers.
    return text


def english(one: str, several: str, number: int) -> str:
    """Return the form for `number`, as Django's `ngettext` does for any language."""
    return one if number == 1 else several


def waiting_time(seconds: int, ngettext: Callable[[str, str, int], str] = english) -> str:
    """Return "30 seconds", "15 minutes", "24 hours" or "5 days", rounded up."""
    minutes, hours, days = -(-seconds // 60), -(-seconds // 3600), -(-seconds // 86_400)
    if seconds <= 120:
        return ngettext("%d second", "%d seconds", seconds) % seconds
    if minutes <= 120:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    if hours <= 48:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d day", "%d days", days) % days


class AnsweredError(Exception):
    """What our own handler answers. A handler that a project registers for TotpError wins."""


class TotpError(AnsweredError):
    """The root. `retry_after` is in seconds, None if waiting does not help or is not needed.

    A leaf names its `code` and `status` where it names its parent, whose own are the default.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = _("The request could not be completed.")
    further: ClassVar[tuple[str, ...]] = ()
    """The attributes that a leaf adds to the body."""
    optional: ClassVar[tuple[str, ...]] = ()
    """The attributes that it adds unless they are None."""
    retry_after: int | None = None
    challenge: str = "Bearer"
    """What WWW-Authenticate says where `status` is 401, which must name a scheme (RFC 9110)."""

    def __init_subclass__(cls, *, code: str | None = None, status: int | None = None) -> None:
        super().__init_subclass__()
        cls.code, cls.status = code or cls.code, status or cls.status

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(self.sentence if sentence is None else sentence)

    # Exception's own way calls the class with `args`, which loses keyword arguments and hands the
    # sentence to leaves whose first argument is something else.
    def __reduce__(self) -> tuple[Any, ...]:  # Any: the signature of object.__reduce__
        return Exception.__new__, (type(self), *self.args), self.__dict__

    def __str__(self) -> str:
        return self.translated(str, english)

    def translated(
        self, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]
    ) -> str:
        """Return the sentence for people in the language of these functions."""
        sentence = gettext(self.args[0])
        if self.retry_after is None:
            return sentence
        return sentence.replace("%(wait)s", waiting_time(self.retry_after, ngettext))

    @property
    def detail(self) -> str:
        """The sentence for people, in English."""
        return str(self)

    def body(self) -> dict[str, object]:
        """Return the response body: `detail`, `code` and what the leaf adds. Safe to log."""
        added = {name: getattr(self, name) for name in self.further}
        added |= {name: said for name in self.optional if (said := getattr(self, name)) is not None}
        return {"detail": self.detail, "code": self.code, **added}


class MalformedRequest(TotpError, code="malformed_request"):
    """The body cannot be read: truncated, nested too deeply, or not of its Content-Type."""

    sentence = _("The request body could not be read.")


class PayloadTooLarge(TotpError, code="payload_too_large", status=413):
    """The body is larger than any valid request."""

    sentence = _("The request body is too large.")


class UnsupportedMediaType(TotpError, code="unsupported_media_type", status=415):
    """The Content-Type is not JSON; another site could send it without a preflight (CSRF)."""

    sentence = _("Send the request body as application/json.")


class InvalidRequest(TotpError, code="invalid_request", status=422):
    """Fields are missing or invalid.

    `fields` maps the name of a field to sentences about it; they must not repeat the input.
    """

    sentence = _("Some fields are missing or invalid.")
    further = ("fields",)

    def __init__(self, sentence: str | None = None, *, fields: dict[str, list[str]]) -> None:
        super().__init__(sentence)
        self.fields = fields


class CsrfFailed(TotpError, code="csrf_failed", status=403):
    """A request with a session or token cookie lacks the CSRF token."""

    sentence = _("The CSRF token is missing or incorrect.")


class OriginNotTrusted(TotpError, code="origin_not_trusted", status=403):
    """A request with a session or token cookie comes from another site."""

    sentence = _(
        "Requests from this origin are not trusted. Add your own sites to CSRF_TRUSTED_ORIGINS."
    )


class Throttled(TotpError, code="throttled", status=429):
    """Too many requests in a short time. `retry_after` is in seconds."""

    sentence = _("Too many requests. Try again in %(wait)s.")
    further = ("retry_after",)

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class InvalidChallenge(TotpError, code="invalid_challenge"):
    """The login challenge is forged, used, expired or revoked."""

    sentence = _("Invalid or expired challenge token.")


class ExpiredChallenge(InvalidChallenge):
    """The login challenge is too old. The response is that of any invalid challenge."""


class EnrolmentRequired(TotpError, ValueError, code="enrolment_required", status=403):
    """The user must set up two-factor authentication first, or must keep it on."""

    sentence = _("Set up two-factor authentication first.")
    must_stay_on = _(
        "Two-factor authentication is required for this account. You cannot turn it off."
    )


class InvalidCredentials(TotpError, code="invalid_credentials", status=401):
    """The name or password is wrong, or the account is inactive. The caller cannot tell which."""

    sentence = _("Invalid credentials.")


class NotAuthenticated(TotpError, code="not_authenticated", status=401):
    """The user is not logged in, or the login is from before a recovery."""

    sentence = _("You are not logged in, or your login has expired. Log in and try again.")


class TokenNotValid(TotpError, code="token_not_valid", status=401):
    """An access or refresh token is forged, expired or revoked."""

    sentence = _("Token is invalid or expired.")


class SecondFactorRequired(TotpError, code="second_factor_required", status=403):
    """The caller did not verify the second factor in the last `max_age` seconds."""

    sentence = _("Please confirm it's you: enter a code from your authenticator app.")
    further = ("max_age",)

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence)
        self.max_age = max_age


class InsufficientAuthentication(SecondFactorRequired, status=401):
    """The same for a bearer token, with the challenge of RFC 9470."""

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence, max_age=max_age)
        self.challenge = (
            'Bearer error="insufficient_user_authentication", '
            'error_description="A more recent second factor is required", '
            f'max_age="{max_age}"'
        )


class AlreadyEnabled(TotpError, ValueError, code="already_enabled"):
    """Two-factor authentication is already on. Use `replace` for a new authenticator."""

    sentence = _("TOTP is already enabled. Disable the old one before creating a new one.")


class AlreadyConfirmed(AlreadyEnabled):
    """There is nothing to confirm: two-factor authentication is already on."""

    sentence = _("Backup codes already exist for this user.")


class NotEnrolled(TotpError, ValueError, code="not_enrolled"):
    """Two-factor authentication is off, or there is no enrolment to confirm."""

    sentence = _("User does not have an associated TOTP secret.")


class NotEnabled(NotEnrolled):
    """The user has no confirmed authenticator."""

    sentence = _("TOTP is not enabled for this user.")


class InvalidCode(TotpError, ValueError, code="invalid_code"):
    """The code is wrong, used or expired. The caller cannot tell which (ASVS 6.3.8).

    `attempts_left` is how many more wrong codes are checked before a lock or a new login; None if
    codes are locked and two consecutive ones were tried.
    """

    sentence = _("Invalid 2FA code.")
    optional: ClassVar[tuple[str, ...]] = ("attempts_left",)

    def __init__(self, sentence: str | None = None, *, attempts_left: int | None = None) -> None:
        super().__init__(sentence)
        self.attempts_left = attempts_left


class InvalidEnrolmentCode(InvalidCode):
    """The code does not confirm the new authenticator.

    `clock_skew_seconds` is set if the device's clock is wrong; positive means that it is ahead.
    """

    sentence = _("Invalid TOTP code.")
    older_scanned = _(
        "Invalid TOTP code. You may have scanned an older QR code. Scan the newest one."
    )
    optional = ("attempts_left", "clock_skew_seconds")

    def __init__(
        self,
        sentence: str | None = None,
        *,
        attempts_left: int | None = None,
        clock_skew_seconds: int | None = None,
    ) -> None:
        super().__init__(sentence, attempts_left=attempts_left)
        self.clock_skew_seconds = clock_skew_seconds


class TooManyAuthenticators(TotpError, code="too_many_authenticators"):
    """The user already has the maximum number of authenticators."""

    sentence = _("You cannot add another authenticator. Remove one first.")


class LastAuthenticator(TotpError, code="last_authenticator"):
    """The only authenticator cannot be removed."""

    sentence = _(
        "This is your only authenticator. Add another one, or turn off two-factor authentication."
    )


class AuthenticatorNotFound(TotpError, code="not_found", status=404):
    """The user has no confirmed authenticator with this id; another user may."""

    sentence = _("Authenticator not found.")


class TrustedDeviceNotFound(TotpError, code="not_found", status=404):
    """The user has no trusted device with this id; another user may."""

    sentence = _("Trusted device not found.")


class InvalidRecovery(TotpError, code="invalid_recovery"):
    """The recovery link is forged, used, replaced, expired, cancelled or out of attempts."""

    sentence = _("The recovery link is invalid or has expired.")
    further: ClassVar[tuple[str, ...]] = ("message",)

    @property
    def message(self) -> list[str]:
        """The sentence in a list, as in django-totp."""
        return [self.detail]


class InvalidRecoveryPassword(InvalidRecovery, code="invalid_password"):
    """The recovery link is valid, but the password is wrong."""

    sentence = _("The provided credentials is invalid.")


class InvalidNewPassword(InvalidRequest, code="invalid_new_password", status=400):
    """The new password is missing, or a password validator rejects it."""

    sentence = _("The new password is missing or not allowed.")

    def __init__(self, *sentences: str) -> None:
        super().__init__(fields={"new_password": list(sentences)})


class RecoveryNotYet(InvalidRecovery, code="recovery_not_yet"):
    """The recovery link is valid, but not yet. `retry_after` is in seconds."""

    sentence = _("The recovery link does not work yet. Try again in %(wait)s.")
    further = ("message", "retry_after")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class RecoveryDisabled(TotpError, code="recovery_disabled", status=404):
    """Recovery by email is turned off (TOTP_RECOVERY_ENABLED)."""

    sentence = _("Recovery by email is turned off.")


class Locked(TotpError, ValueError, code="locked", status=429):
    """Too many wrong codes: this one was not checked (RFC 4226, 7.3).

    `retry_after` None means that waiting does not end the lock: an operator, a new password, a
    backup code or two consecutive codes do.
    """

    sentence = _("Too many wrong codes. Try again in %(wait)s or use a backup code.")
    endless = _("Too many wrong codes. Use a backup code or contact support.")
    further = ("retry_after",)

    def __init__(self, retry_after: int | None) -> None:
        super().__init__(self.endless if retry_after is None else None)
        self.retry_after = retry_after


class BackupCodesLocked(Locked):
    """Too many wrong backup codes. Codes of the authenticator are still checked."""

    sentence = _(
        "Too many wrong backup codes. Try again in %(wait)s or use your authenticator app."
    )
    endless = _("Too many wrong backup codes. Use your authenticator app or contact support.")


class EnrolmentLocked(Locked):
    """Too many wrong codes for one QR code. A new one has new attempts."""

    sentence = endless = _(
        "Too many wrong codes. Start again with a new QR code. You may have scanned an older one."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=None)


class Unavailable(TotpError, code="unavailable", status=503):
    """No key opens the secret, or the database is down. Nobody gets in (fail closed)."""

    sentence = _("Codes cannot be checked right now. Try again later.")
