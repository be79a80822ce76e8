"""Why nothing was done to a factor, or by one."""

from typing import ClassVar

from ninja_totp.core.errors.root import TotpError, gettext_noop

__all__ = [
    "AlreadyConfirmed",
    "AlreadyEnabled",
    "InvalidCode",
    "InvalidEnrolmentCode",
    "InvalidRecovery",
    "InvalidRecoveryPassword",
    "Locked",
    "NoPendingEnrolment",
    "NotEnabled",
    "NotEnrolled",
    "RecoveryDisabled",
    "RecoveryNotYet",
    "TrustedDeviceNotFound",
    "Unavailable",
]


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
    """The user has neither a factor nor a pending one."""

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


class NoPendingEnrolment(TotpError):
    """There is no pending secret to show."""

    code = "no_pending_enrolment"
    status = 404
    sentence = gettext_noop("No enrolment is pending for this user.")


class TrustedDeviceNotFound(TotpError):
    """The user trusts no device of this id; somebody else may."""

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


class Unavailable(TotpError):
    """The secret cannot be opened or the database is gone. The operator's fault; fails closed."""

    code = "unavailable"
    status = 503
    sentence = gettext_noop("The second factor cannot be checked at the moment.")
