"""The JSON contract of both APIs: what comes in and what goes out. Errors are in `http/errors.py`.

Component names begin with `Totp`, because OpenAPI keys them by class name and would silently
replace a host's component of the same name. Codes, passwords and tokens come in as SecretStr, so
that no repr, log line or error report shows them.
"""

from ninja_totp.schemas.requests import (
    TotpCode,
    TotpEventsQuery,
    TotpOptionalProof,
    TotpProof,
    TotpRecoveryCancel,
    TotpRecoveryConfirm,
    TotpRecoveryRequest,
    TotpRefresh,
    TotpRequiredEnrolment,
    TotpRequiredEnrolmentCode,
    TotpToken,
    TotpVerify,
    credentials_schema,
)
from ninja_totp.schemas.responses import (
    TotpBackupCodes,
    TotpConfirmation,
    TotpEvent,
    TotpEvents,
    TotpLoggedIn,
    TotpLoginStep,
    TotpRecoveryAsked,
    TotpRefreshed,
    TotpSetup,
    TotpStatus,
    TotpTokens,
    TotpTrustedDevice,
    TotpTrustedDevices,
    TotpVerified,
)

__all__ = [
    "TotpBackupCodes",
    "TotpCode",
    "TotpConfirmation",
    "TotpEvent",
    "TotpEvents",
    "TotpEventsQuery",
    "TotpLoggedIn",
    "TotpLoginStep",
    "TotpOptionalProof",
    "TotpProof",
    "TotpRecoveryAsked",
    "TotpRecoveryCancel",
    "TotpRecoveryConfirm",
    "TotpRecoveryRequest",
    "TotpRefresh",
    "TotpRefreshed",
    "TotpRequiredEnrolment",
    "TotpRequiredEnrolmentCode",
    "TotpSetup",
    "TotpStatus",
    "TotpToken",
    "TotpTokens",
    "TotpTrustedDevice",
    "TotpTrustedDevices",
    "TotpVerified",
    "TotpVerify",
    "credentials_schema",
]
