"""All errors that a use case can raise: one root, one leaf for each reason.

A leaf has a stable `code` for machines, an HTTP status and a sentence for people. Each API turns it
into a response in one place. No leaf takes a secret, a code or a token, so an exception cannot
carry one into a log or a response.
"""

from collections.abc import Callable
from typing import Any, ClassVar


def gettext_noop(text: str) -> str:
    """Return `text`. The name marks it for the catalogs; an API translates it when it answers."""
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


def _blank(kind: "type[TotpError]", *args: Any) -> "TotpError":  # Any: Exception.args
    return kind.__new__(kind, *args)


class AnsweredError(Exception):
    """What our own handler answers. A handler that a project registers for TotpError wins."""


class TotpError(AnsweredError):
    """The root. `retry_after` is in seconds, None if waiting does not help or is not needed."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = gettext_noop("The request could not be completed.")
    further: ClassVar[tuple[str, ...]] = ()
    """The attributes that a leaf adds to the body."""
    optional: ClassVar[tuple[str, ...]] = ()
    """The attributes that it adds unless they are None."""
    retry_after: int | None = None
    challenge: str = "Bearer"
    """What WWW-Authenticate says where `status` is 401, which must name a scheme (RFC 9110)."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(self.sentence if sentence is None else sentence)

    # Exception's own way calls the class with `args`, which loses keyword arguments and hands the
    # sentence to leaves whose first argument is something else.
    def __reduce__(self) -> tuple[Any, ...]:  # Any: the signature of object.__reduce__
        return _blank, (type(self), *self.args), self.__dict__

    def __str__(self) -> str:
        return self.translated(gettext_noop, english)

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
        known = {name: getattr(self, name) for name in self.optional}
        added |= {name: value for name, value in known.items() if value is not None}
        return {"detail": self.detail, "code": self.code} | added


class MalformedRequest(TotpError):
    """The body cannot be read: truncated, nested too deeply, or not of its Content-Type."""

    code = "malformed_request"
    sentence = gettext_noop("The request body could not be read.")


class PayloadTooLarge(TotpError):
    """The body is larger than any valid request."""

    code = "payload_too_large"
    status = 413
    sentence = gettext_noop("The request body is too large.")


class UnsupportedMediaType(TotpError):
    """The Content-Type is not JSON; another site could send it without a preflight (CSRF)."""

    code = "unsupported_media_type"
    status = 415
    sentence = gettext_noop("Send the request body as application/json.")


class InvalidRequest(TotpError):
    """Fields are missing or invalid.

    `fields` maps the name of a field to sentences about it; they must not repeat the input.
    """

    code = "invalid_request"
    status = 422
    sentence = gettext_noop("Some fields are missing or invalid.")
    further = ("fields",)

    def __init__(self, sentence: str | None = None, *, fields: dict[str, list[str]]) -> None:
        super().__init__(sentence)
        self.fields = fields


class CsrfFailed(TotpError):
    """A request with a session or token cookie lacks the CSRF token."""

    code = "csrf_failed"
    status = 403
    sentence = gettext_noop("The CSRF token is missing or incorrect.")


class OriginNotTrusted(TotpError):
    """A request with a session or token cookie comes from another site."""

    code = "origin_not_trusted"
    status = 403
    sentence = gettext_noop(
        "Requests from this origin are not trusted. Add your own sites to CSRF_TRUSTED_ORIGINS."
    )


class Throttled(TotpError):
    """Too many requests in a short time. `retry_after` is in seconds."""

    code = "throttled"
    status = 429
    sentence = gettext_noop("Too many requests. Try again in %(wait)s.")
    further = ("retry_after",)

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class InvalidChallenge(TotpError):
    """The login challenge is forged, used, expired or revoked."""

    code = "invalid_challenge"
    sentence = gettext_noop("Invalid or expired challenge token.")


class ExpiredChallenge(InvalidChallenge):
    """The login challenge is too old. The response is that of any invalid challenge."""


class EnrolmentRequired(TotpError, ValueError):
    """The user must set up two-factor authentication first, or must keep it on."""

    code = "enrolment_required"
    status = 403
    sentence = gettext_noop("Set up two-factor authentication first.")
    must_stay_on: ClassVar[str] = gettext_noop(
        "Two-factor authentication is required for this account. You cannot turn it off."
    )


class InvalidCredentials(TotpError):
    """The name or password is wrong, or the account is inactive. The caller cannot tell which."""

    code = "invalid_credentials"
    status = 401
    sentence = gettext_noop("Invalid credentials.")


class NotAuthenticated(TotpError):
    """The user is not logged in, or the login is from before a recovery."""

    code = "not_authenticated"
    status = 401
    sentence = gettext_noop(
        "You are not logged in, or your login has expired. Log in and try again."
    )


class TokenNotValid(TotpError):
    """An access or refresh token is forged, expired or revoked."""

    code = "token_not_valid"
    status = 401
    sentence = gettext_noop("Token is invalid or expired.")


class SecondFactorRequired(TotpError):
    """The caller did not verify the second factor in the last `max_age` seconds."""

    code = "second_factor_required"
    status = 403
    sentence = gettext_noop("Please confirm it's you: enter a code from your authenticator app.")
    further = ("max_age",)

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence)
        self.max_age = max_age


class InsufficientAuthentication(SecondFactorRequired):
    """The same for a bearer token, with the challenge of RFC 9470."""

    status = 401

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence, max_age=max_age)
        self.challenge = (
            'Bearer error="insufficient_user_authentication", '
            'error_description="A more recent second factor is required", '
            f'max_age="{max_age}"'
        )


class AlreadyEnabled(TotpError, ValueError):
    """Two-factor authentication is already on. Use `replace` for a new authenticator."""

    code = "already_enabled"
    sentence = gettext_noop(
        "TOTP is already enabled. Disable the old one before creating a new one."
    )


class AlreadyConfirmed(AlreadyEnabled):
    """There is nothing to confirm: two-factor authentication is already on."""

    sentence = gettext_noop("Backup codes already exist for this user.")


class NotEnrolled(TotpError, ValueError):
    """Two-factor authentication is off, or there is no enrolment to confirm."""

    code = "not_enrolled"
    sentence = gettext_noop("User does not have an associated TOTP secret.")


class NotEnabled(NotEnrolled):
    """The user has no confirmed authenticator."""

    sentence = gettext_noop("TOTP is not enabled for this user.")


class InvalidCode(TotpError, ValueError):
    """The code is wrong, used or expired. The caller cannot tell which (ASVS 6.3.8).

    `attempts_left` is how many more wrong codes are checked before a lock or a new login; None if
    codes are locked and two consecutive ones were tried.
    """

    code = "invalid_code"
    sentence = gettext_noop("Invalid 2FA code.")
    optional: ClassVar[tuple[str, ...]] = ("attempts_left",)

    def __init__(self, sentence: str | None = None, *, attempts_left: int | None = None) -> None:
        super().__init__(sentence)
        self.attempts_left = attempts_left


class InvalidEnrolmentCode(InvalidCode):
    """The code does not confirm the new authenticator.

    `clock_skew_seconds` is set if the device's clock is wrong; positive means that it is ahead.
    """

    sentence = gettext_noop("Invalid TOTP code.")
    older_scanned: ClassVar[str] = gettext_noop(
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


class TooManyAuthenticators(TotpError):
    """The user already has the maximum number of authenticators."""

    code = "too_many_authenticators"
    sentence = gettext_noop("You cannot add another authenticator. Remove one first.")


class LastAuthenticator(TotpError):
    """The only authenticator cannot be removed."""

    code = "last_authenticator"
    sentence = gettext_noop(
        "This is your only authenticator. Add another one, or turn off two-factor authentication."
    )


class AuthenticatorNotFound(TotpError):
    """The user has no confirmed authenticator with this id; another user may."""

    code = "not_found"
    status = 404
    sentence = gettext_noop("Authenticator not found.")


class TrustedDeviceNotFound(TotpError):
    """The user has no trusted device with this id; another user may."""

    code = "not_found"
    status = 404
    sentence = gettext_noop("Trusted device not found.")


class InvalidRecovery(TotpError):
    """The recovery link is forged, used, replaced, expired, cancelled or out of attempts."""

    code = "invalid_recovery"
    sentence = gettext_noop("The recovery link is invalid or has expired.")
    further: ClassVar[tuple[str, ...]] = ("message",)

    @property
    def message(self) -> list[str]:
        """The sentence in a list, as in django-totp."""
        return [self.detail]


class InvalidRecoveryPassword(InvalidRecovery):
    """The recovery link is valid, but the password is wrong."""

    code = "invalid_password"
    sentence = gettext_noop("The provided credentials is invalid.")


class InvalidNewPassword(InvalidRequest):
    """The new password is missing, or a password validator rejects it."""

    code = "invalid_new_password"
    status = 400
    sentence = gettext_noop("The new password is missing or not allowed.")

    def __init__(self, *sentences: str) -> None:
        super().__init__(fields={"new_password": list(sentences)})


class RecoveryNotYet(InvalidRecovery):
    """The recovery link is valid, but not yet. `retry_after` is in seconds."""

    code = "recovery_not_yet"
    sentence = gettext_noop("The recovery link does not work yet. Try again in %(wait)s.")
    further = ("message", "retry_after")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class RecoveryDisabled(TotpError):
    """Recovery by email is turned off (TOTP_RECOVERY_ENABLED)."""

    code = "recovery_disabled"
    status = 404
    sentence = gettext_noop("Recovery by email is turned off.")


class Locked(TotpError, ValueError):
    """Too many wrong codes: this one was not checked (RFC 4226, 7.3).

    `retry_after` None means that waiting does not end the lock: an operator, a new password, a
    backup code or two consecutive codes do.
    """

    code = "locked"
    status = 429
    sentence = gettext_noop("Too many wrong codes. Try again in %(wait)s or use a backup code.")
    endless: ClassVar[str] = gettext_noop(
        "Too many wrong codes. Use a backup code or contact support."
    )
    further = ("retry_after",)

    def __init__(self, retry_after: int | None) -> None:
        super().__init__(self.endless if retry_after is None else None)
        self.retry_after = retry_after


class BackupCodesLocked(Locked):
    """Too many wrong backup codes. Codes of the authenticator are still checked."""

    sentence = gettext_noop(
        "Too many wrong backup codes. Try again in %(wait)s or use your authenticator app."
    )
    endless = gettext_noop(
        "Too many wrong backup codes. Use your authenticator app or contact support."
    )


class EnrolmentLocked(Locked):
    """Too many wrong codes for one QR code. A new one has new attempts."""

    sentence = endless = gettext_noop(
        "Too many wrong codes. Start again with a new QR code. You may have scanned an older one."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=None)


class Unavailable(TotpError):
    """No key opens the secret, or the database is down. Nobody gets in (fail closed)."""

    code = "unavailable"
    status = 503
    sentence = gettext_noop("Codes cannot be checked right now. Try again later.")
