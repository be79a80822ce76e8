"""Every error that a use case can end with: one root, one leaf for each reason.

A leaf carries a stable `code` for machines, the HTTP status that fits and a sentence for people.
Turning it into a response is done at each door, in one place. No leaf takes a secret, a code or
a token, so that none can reach a log or a response through an exception.
"""

from ninja_totp.core.errors.of_callers import (
    ExpiredChallenge,
    InsufficientAuthentication,
    InvalidChallenge,
    InvalidCredentials,
    NotAuthenticated,
    SecondFactorRequired,
    StepUpRequired,
    TokenNotValid,
    TotpRequired,
)
from ninja_totp.core.errors.of_factors import (
    AlreadyConfirmed,
    AlreadyEnabled,
    InvalidCode,
    InvalidEnrolmentCode,
    InvalidRecovery,
    InvalidRecoveryPassword,
    Locked,
    NoPendingEnrolment,
    NotEnabled,
    NotEnrolled,
    RecoveryDisabled,
    RecoveryNotYet,
    TrustedDeviceNotFound,
    Unavailable,
)
from ninja_totp.core.errors.of_requests import (
    CsrfFailed,
    InvalidRequest,
    MalformedRequest,
    PayloadTooLarge,
    Throttled,
    UnsupportedMediaType,
)
from ninja_totp.core.errors.root import TotpError

__all__ = [
    "AlreadyConfirmed",
    "AlreadyEnabled",
    "CsrfFailed",
    "ExpiredChallenge",
    "InsufficientAuthentication",
    "InvalidChallenge",
    "InvalidCode",
    "InvalidCredentials",
    "InvalidEnrolmentCode",
    "InvalidRecovery",
    "InvalidRecoveryPassword",
    "InvalidRequest",
    "Locked",
    "MalformedRequest",
    "NoPendingEnrolment",
    "NotAuthenticated",
    "NotEnabled",
    "NotEnrolled",
    "PayloadTooLarge",
    "RecoveryDisabled",
    "RecoveryNotYet",
    "SecondFactorRequired",
    "StepUpRequired",
    "Throttled",
    "TokenNotValid",
    "TotpError",
    "TotpRequired",
    "TrustedDeviceNotFound",
    "Unavailable",
    "UnsupportedMediaType",
]
