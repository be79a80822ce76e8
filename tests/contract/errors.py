"""The documented errors, as outcomes: status and the whole body.

Written out here and not taken from the package, so that a sentence or a code that clients rely
on cannot change unseen.
"""

from typing import Any

__all__ = [
    "ALREADY_CONFIRMED",
    "ALREADY_ENABLED",
    "CSRF_FAILED",
    "ENROLMENT_LOCKED",
    "ENROLMENT_REQUIRED",
    "INVALID_CHALLENGE",
    "INVALID_CODE",
    "INVALID_CREDENTIALS",
    "INVALID_ENROLMENT_CODE",
    "LAST_AUTHENTICATOR",
    "MUST_STAY_ON",
    "NOT_AUTHENTICATED",
    "NOT_ENABLED",
    "NOT_ENROLLED",
    "NO_SUCH_AUTHENTICATOR",
    "SECOND_FACTOR_REQUIRED",
    "TOKEN_NOT_VALID",
    "TOO_MANY_AUTHENTICATORS",
    "UNAVAILABLE",
    "backup_codes_locked",
    "invalid_recovery",
    "locked",
    "skewed",
    "throttled",
]

Outcome = tuple[int, dict[str, Any]]


def _error(status: int, code: str, detail: str, **extra: Any) -> Outcome:
    return status, {"detail": detail, "code": code} | extra


ENROLMENT_REQUIRED = _error(403, "enrolment_required", "Set up two-factor authentication first.")
MUST_STAY_ON = _error(
    403,
    "enrolment_required",
    "Two-factor authentication is required for this account. You cannot turn it off.",
)
ALREADY_ENABLED = _error(
    400,
    "already_enabled",
    "TOTP is already enabled. Disable the old one before creating a new one.",
)
ALREADY_CONFIRMED = _error(400, "already_enabled", "Backup codes already exist for this user.")
NOT_ENROLLED = _error(400, "not_enrolled", "User does not have an associated TOTP secret.")
NOT_ENABLED = _error(400, "not_enrolled", "TOTP is not enabled for this user.")
INVALID_CODE = _error(400, "invalid_code", "Invalid 2FA code.")
INVALID_ENROLMENT_CODE = _error(400, "invalid_code", "Invalid TOTP code.")
INVALID_CHALLENGE = _error(400, "invalid_challenge", "Invalid or expired challenge token.")
INVALID_CREDENTIALS = _error(401, "invalid_credentials", "Invalid credentials.")
NOT_AUTHENTICATED = _error(
    401,
    "not_authenticated",
    "You are not logged in, or your login has expired. Log in and try again.",
)
TOKEN_NOT_VALID = _error(401, "token_not_valid", "Token is invalid or expired.")
SECOND_FACTOR_REQUIRED = _error(
    403,
    "second_factor_required",
    "Please confirm it's you: enter a code from your authenticator app.",
    max_age=900,
)
CSRF_FAILED = _error(403, "csrf_failed", "The CSRF token is missing or incorrect.")
ENROLMENT_LOCKED = _error(
    429,
    "locked",
    "Too many wrong codes. Start again with a new QR code. You may have scanned an older one.",
    retry_after=None,
)
UNAVAILABLE = _error(503, "unavailable", "Codes cannot be checked right now. Try again later.")


NO_SUCH_AUTHENTICATOR = _error(404, "not_found", "Authenticator not found.")
LAST_AUTHENTICATOR = _error(
    400,
    "last_authenticator",
    "This is your only authenticator. Add another one, or turn off two-factor authentication.",
)
TOO_MANY_AUTHENTICATORS = _error(
    400, "too_many_authenticators", "You cannot add another authenticator. Remove one first."
)


def skewed(seconds: int) -> Outcome:
    """A code of a device whose clock is `seconds` ahead."""
    status, body = INVALID_ENROLMENT_CODE
    return status, body | {"clock_skew_seconds": seconds}


def locked(retry_after: int | None) -> Outcome:
    """No code was looked at."""
    sentence = (
        "Too many wrong codes. Use a backup code or contact support."
        if retry_after is None
        else f"Too many wrong codes. Try again in {_wait(retry_after)} or use a backup code."
    )
    return _error(429, "locked", sentence, retry_after=retry_after)


def backup_codes_locked(retry_after: int) -> Outcome:
    """No backup code was looked at."""
    return _error(
        429,
        "locked",
        f"Too many wrong backup codes. Try again in {_wait(retry_after)} or use your "
        "authenticator app.",
        retry_after=retry_after,
    )


def throttled(retry_after: int) -> Outcome:
    """Nothing of the request was looked at."""
    sentence = f"Too many requests. Try again in {_wait(retry_after)}."
    return _error(429, "throttled", sentence, retry_after=retry_after)


def _wait(seconds: int) -> str:
    assert seconds <= 120, "say so in the test"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def invalid_recovery(detail: str, *, code: str = "invalid_recovery", **extra: Any) -> Outcome:
    """The link is no good, or the password is not."""
    return _error(400, code, detail, message=[detail], **extra)
