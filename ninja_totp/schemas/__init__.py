"""The JSON contract of both APIs: requests and responses. Errors are in `http/errors.py`.

Names begin with `Totp`, because OpenAPI keys components by class name and would silently replace
those of the project. Codes, passwords and tokens are Secret: no repr, log line or report shows
them.
"""

from ninja_totp.schemas.requests import (
    TotpAuthenticatorName as TotpAuthenticatorName,
    TotpCode as TotpCode,
    TotpCookieRefresh as TotpCookieRefresh,
    TotpEventsQuery as TotpEventsQuery,
    TotpOptionalProof as TotpOptionalProof,
    TotpProof as TotpProof,
    TotpRecoveryCancel as TotpRecoveryCancel,
    TotpRecoveryConfirm as TotpRecoveryConfirm,
    TotpRecoveryRequest as TotpRecoveryRequest,
    TotpRefresh as TotpRefresh,
    TotpRequiredEnrolment as TotpRequiredEnrolment,
    TotpRequiredEnrolmentCode as TotpRequiredEnrolmentCode,
    TotpToken as TotpToken,
    TotpVerify as TotpVerify,
    credentials_schema as credentials_schema,
)
from ninja_totp.schemas.responses import (
    FirstStep as FirstStep,
    TotpAddedSetup as TotpAddedSetup,
    TotpAuthenticator as TotpAuthenticator,
    TotpAuthenticators as TotpAuthenticators,
    TotpBackupCodes as TotpBackupCodes,
    TotpCodeRequired as TotpCodeRequired,
    TotpConfirmation as TotpConfirmation,
    TotpEnrolmentStep as TotpEnrolmentStep,
    TotpEvent as TotpEvent,
    TotpEvents as TotpEvents,
    TotpLoggedIn as TotpLoggedIn,
    TotpLoggedInByPassword as TotpLoggedInByPassword,
    TotpLoginStep as TotpLoginStep,
    TotpRecoveryAsked as TotpRecoveryAsked,
    TotpRefreshed as TotpRefreshed,
    TotpSetup as TotpSetup,
    TotpStatus as TotpStatus,
    TotpTokens as TotpTokens,
    TotpTokenValid as TotpTokenValid,
    TotpTrustedDevice as TotpTrustedDevice,
    TotpTrustedDevices as TotpTrustedDevices,
    TotpVerified as TotpVerified,
)
