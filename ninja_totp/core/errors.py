"""Every error that a use case can end with: one root, one leaf for each reason.

A leaf carries a stable `code` for machines, the HTTP status that fits and a sentence for people.
Each API turns it into a response in one place. No leaf takes a secret, a code or a token, so that
none can reach a log or a response through an exception.
"""

from typing import Any, ClassVar


def gettext_noop(text: str) -> str:
    """Return `text`. The name marks it for the catalogs; an API translates it when it answers."""
    return text


def _blank(kind: "type[TotpError]", *args: Any) -> "TotpError":  # Any: Exception.args
    return kind.__new__(kind, *args)


class AnsweredError(Exception):
    """What an API that our routers are mounted on has an answer to.

    Below TotpError, so that a handler which a project registers for that one takes precedence.
    """


class TotpError(AnsweredError):
    """The root. `retry_after` is in seconds, None where waiting does not help or is not needed."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = gettext_noop("The request could not be completed.")
    further: ClassVar[tuple[str, ...]] = ()
    """The attributes that a leaf adds to the body."""
    retry_after: int | None = None
    challenge: str = "Bearer"
    """What WWW-Authenticate says where `status` is 401, which must name a scheme (RFC 9110)."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(self.sentence if sentence is None else sentence)

    # Exception's own way calls the class with `args`, which loses keyword arguments and hands the
    # sentence to leaves whose first argument is something else.
    def __reduce__(self) -> tuple[Any, ...]:  # Any: the signature of object.__reduce__
        return _blank, (type(self), *self.args), self.__dict__

    @property
    def detail(self) -> str:
        """The sentence for people, in English and untranslated."""
        return str(self)

    def body(self) -> dict[str, object]:
        """The response body: `detail`, `code` and what the leaf adds. Safe to send and to log."""
        added = {name: getattr(self, name) for name in self.further}
        return {"detail": self.detail, "code": self.code} | added


class MalformedRequest(TotpError):
    """The body cannot be read: truncated, nested too deeply, not of the announced kind."""

    code = "malformed_request"
    sentence = gettext_noop("The request body could not be read.")


class PayloadTooLarge(TotpError):
    """The body is larger than any honest request."""

    code = "payload_too_large"
    status = 413
    sentence = gettext_noop("The request body is too large.")


class UnsupportedMediaType(TotpError):
    """The body is not announced as JSON; a foreign page could send it without asking (CSRF)."""

    code = "unsupported_media_type"
    status = 415
    sentence = gettext_noop("The request body must be sent as application/json.")


class InvalidRequest(TotpError):
    """Fields are missing or of the wrong kind.

    `fields` maps the name of a field to sentences about it; they must not repeat the input.
    """

    code = "invalid_request"
    status = 422
    sentence = gettext_noop("Some fields are missing or not valid.")
    further = ("fields",)

    def __init__(self, sentence: str | None = None, *, fields: dict[str, list[str]]) -> None:
        super().__init__(sentence)
        self.fields = fields


class CsrfFailed(TotpError):
    """A request that is authenticated by a cookie lacks the CSRF token."""

    code = "csrf_failed"
    status = 403
    sentence = gettext_noop("The CSRF token is missing or incorrect.")


class OriginNotTrusted(TotpError):
    """A request that is authenticated by a cookie comes from another site."""

    code = "origin_not_trusted"
    status = 403
    sentence = gettext_noop("Requests from this origin are not trusted.")


class Throttled(TotpError):
    """Too many requests in a short time, whatever they held. `retry_after` is in seconds."""

    code = "throttled"
    status = 429
    sentence = gettext_noop("Too many requests. Try again later.")
    further = ("retry_after",)

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class InvalidChallenge(TotpError):
    """The login challenge is forged, used, expired or revoked."""

    code = "invalid_challenge"
    sentence = gettext_noop("Invalid or expired challenge token.")


class ExpiredChallenge(InvalidChallenge):
    """The login challenge is too old. To a client it is as any other that does not work."""


class EnrolmentRequired(TotpError, ValueError):
    """A factor must be set up first, or a required one must stay on."""

    code = "enrolment_required"
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
    """The caller's credential did not prove the second factor in the last `max_age` seconds."""

    code = "second_factor_required"
    status = 403
    sentence = gettext_noop("Please confirm it's you: enter a code from your authenticator app.")
    further = ("max_age",)

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence)
        self.max_age = max_age


class InsufficientAuthentication(SecondFactorRequired):
    """The same for a bearer token: its holder is to come back with a better one (RFC 9470)."""

    status = 401

    def __init__(self, sentence: str | None = None, *, max_age: int) -> None:
        super().__init__(sentence, max_age=max_age)
        self.challenge = (
            'Bearer error="insufficient_user_authentication", '
            'error_description="A more recent second factor is required", '
            f'max_age="{max_age}"'
        )


class AlreadyEnabled(TotpError, ValueError):
    """Enrolment was started although the factor is in use."""

    code = "already_enabled"
    sentence = gettext_noop(
        "TOTP is already enabled. Disable the old one before creating a new one."
    )


class AlreadyConfirmed(AlreadyEnabled):
    """Confirmation was asked for although nothing is pending and the factor is in use."""

    sentence = gettext_noop("Backup codes already exist for this user.")


class NotEnrolled(TotpError, ValueError):
    """The user has no factor in use, or nothing that could be confirmed."""

    code = "not_enrolled"
    sentence = gettext_noop("User does not have an associated TOTP secret.")


class NotEnabled(NotEnrolled):
    """The user has no confirmed factor."""

    sentence = gettext_noop("TOTP is not enabled for this user.")


class InvalidCode(TotpError, ValueError):
    """A wrong, replayed or outdated code: the caller cannot tell which (ASVS 6.3.8)."""

    code = "invalid_code"
    sentence = gettext_noop("Invalid 2FA code.")


class InvalidEnrolmentCode(InvalidCode):
    """The code does not confirm the pending secret.

    `clock_skew_seconds` is set when the device's clock explains the failure; positive means that
    it is ahead.
    """

    sentence = gettext_noop("Invalid TOTP code.")
    older_scanned: ClassVar[str] = gettext_noop(
        "Invalid TOTP code. An older QR code may have been scanned: scan the newest one."
    )

    def __init__(
        self, sentence: str | None = None, *, clock_skew_seconds: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.clock_skew_seconds = clock_skew_seconds

    def body(self) -> dict[str, object]:
        """As the root's, with `clock_skew_seconds` where it is known."""
        if self.clock_skew_seconds is None:
            return super().body()
        return super().body() | {"clock_skew_seconds": self.clock_skew_seconds}


class TooManyAuthenticators(TotpError):
    """The user has as many authenticators as the site allows."""

    code = "too_many_authenticators"
    sentence = gettext_noop("You cannot add another authenticator. Remove one first.")


class LastAuthenticator(TotpError):
    """Without this authenticator the account would have no second factor."""

    code = "last_authenticator"
    sentence = gettext_noop(
        "This is your only authenticator. Add another one first, or disable the second factor."
    )


class AuthenticatorNotFound(TotpError):
    """The user has no confirmed authenticator with this id; another user may."""

    code = "not_found"
    status = 404
    sentence = gettext_noop("There is no such authenticator.")


class TrustedDeviceNotFound(TotpError):
    """The user has no trusted device with this id; another user may."""

    code = "not_found"
    status = 404
    sentence = gettext_noop("There is no such trusted device.")


class InvalidRecovery(TotpError):
    """The recovery link is forged, used, replaced, expired, cancelled or out of attempts."""

    code = "invalid_recovery"
    sentence = gettext_noop("The recovery link is invalid or has expired.")
    further: ClassVar[tuple[str, ...]] = ("message",)

    @property
    def message(self) -> list[str]:
        """The sentence once more, in the shape that django-totp documents."""
        return [self.detail]


class InvalidRecoveryPassword(InvalidRecovery):
    """The recovery link is right, the account's password is not."""

    code = "invalid_password"
    sentence = gettext_noop("The provided credentials is invalid.")


class InvalidNewPassword(InvalidRequest):
    """A recovery lacks its new password, or the site does not take it."""

    code = "invalid_new_password"
    status = 400
    sentence = gettext_noop("The new password is missing or not accepted.")

    def __init__(self, *sentences: str) -> None:
        super().__init__(fields={"new_password": list(sentences)})


class RecoveryNotYet(InvalidRecovery):
    """The recovery link is right and its waiting time is not over. `retry_after` is in seconds."""

    code = "recovery_not_yet"
    sentence = gettext_noop("The recovery link does not work yet.")
    further = ("message", "retry_after")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class RecoveryDisabled(TotpError):
    """The site offers no recovery by e-mail."""

    code = "recovery_disabled"
    status = 404
    sentence = gettext_noop("Recovery by e-mail is switched off.")


class Locked(TotpError, ValueError):
    """Too many wrong codes; no code was looked at (RFC 4226, 7.3).

    `retry_after` None means that waiting does not end it: staff, a password reset, a backup code
    or two consecutive codes do.
    """

    code = "locked"
    status = 429
    sentence = gettext_noop("Too many wrong codes. The second factor is locked.")
    further = ("retry_after",)

    def __init__(self, retry_after: int | None) -> None:
        super().__init__()
        self.retry_after = retry_after


class EnrolmentLocked(Locked):
    """Too many wrong codes for one pending secret; a new one has new attempts."""

    sentence = gettext_noop(
        "Too many wrong codes. Start again with a new QR code: an older one may have been scanned."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=None)


class Unavailable(TotpError):
    """The secret cannot be opened or the database is gone. The operator's fault; fails closed."""

    code = "unavailable"
    status = 503
    sentence = gettext_noop("The second factor cannot be checked at the moment.")
