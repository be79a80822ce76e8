"""The calls by which users manage their own second factor. See also `login.py`, `recovery.py`."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from ninja_totp import services
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.http.caller import Caller
from ninja_totp.http.document import answers
from ninja_totp.http.login import into_cookies, proof_of, shown_setup, text_of
from ninja_totp.schemas import requests, responses
from ninja_totp.services.policy.enforcement import require_enrolled_in_time
from ninja_totp.services.step_up import Authority
from ninja_totp.services.verify import Proof

# The errors of these calls at both APIs, besides those of every endpoint.
_CREATE_ERRORS = (errors.NotAuthenticated, errors.AlreadyEnabled, errors.EnrolmentRequired)
_CONFIRM_ERRORS = (*_CREATE_ERRORS, errors.InvalidEnrolmentCode, errors.NotEnrolled, errors.Locked)
_VERIFY_ERRORS = (errors.NotAuthenticated, errors.InvalidCode, errors.NotEnrolled, errors.Locked)
_CHANGE_ERRORS = (*_VERIFY_ERRORS, errors.SecondFactorRequired)

_TWO_PROOFS = gettext_noop("Provide only one of input_code or backup_code, not both.")


@sensitive_variables()
def _authority(caller: Caller, payload: requests.TotpOptionalProof | None) -> Authority:
    """Return what allows the change: a code in the request, or the caller's credential.

    Raises InvalidRequest for two codes at once.
    """
    if payload is None or (payload.input_code is None and payload.backup_code is None):
        return caller.auth_context()
    if payload.input_code is not None and payload.backup_code is not None:
        raise errors.InvalidRequest(fields={"non_field_errors": [gettext(_TWO_PROOFS)]})
    return Proof(otp_code=text_of(payload.input_code), backup_code=text_of(payload.backup_code))


@answers(201, responses.TotpSetup, *_CREATE_ERRORS)
def create(caller: Caller) -> responses.TotpSetup:
    """Start setting up two-factor authentication.

    Returns the secret and its QR code. They are shown only once. Nothing changes for the user until
    `confirm`. Calling it again replaces the pending secret. If the site has required 2FA since the
    user logged in, the call is refused: the user logs in again and sets up 2FA during that login.
    """
    caller.limit_rate("create")
    require_enrolled_in_time(caller.user)
    authenticated_at, credential = caller.authenticated_at(), caller.credential()
    setup = services.create_totp_setup(
        caller.user, authenticated_at=authenticated_at, credential=credential
    )
    return shown_setup(setup, responses.TotpSetup)


@answers(201, responses.TotpSetup, *_CHANGE_ERRORS)
def replace(caller: Caller, payload: requests.TotpOptionalProof | None) -> responses.TotpSetup:
    """Start replacing all authenticators by a new one.

    The old authenticators work until the new one is confirmed. Requires the same proof as
    `disable`.
    """
    caller.limit_rate("replace")
    authority, credential = _authority(caller, payload), caller.credential()
    setup = services.replace_totp(
        caller.user, authority=authority, credential=credential, **caller.origin()
    )
    return shown_setup(setup, responses.TotpSetup)


@answers(200, responses.TotpAuthenticators, errors.NotAuthenticated)
def authenticators(caller: Caller) -> responses.TotpAuthenticators:
    """List your authenticators, and the maximum number."""
    caller.limit_rate("authenticators")
    found = services.list_authenticators(caller.user)
    most = get_settings().max_authenticators
    return responses.TotpAuthenticators.model_validate({"authenticators": found, "max": most})


@answers(201, responses.TotpAddedSetup, *_CHANGE_ERRORS, errors.TooManyAuthenticators)
def add_authenticator(
    caller: Caller, payload: requests.TotpAuthenticatorName
) -> responses.TotpAddedSetup:
    """Add another authenticator.

    Returns its secret and QR code. They are shown only once. Its codes are accepted after
    `confirm`. Requires the same proof as `disable`.
    """
    caller.limit_rate("add_authenticator")
    authority, credential = _authority(caller, payload), caller.credential()
    setup = services.add_authenticator(
        caller.user, payload.name, authority=authority, credential=credential, **caller.origin()
    )
    return shown_setup(setup, responses.TotpAddedSetup)


@answers(200, responses.TotpAuthenticator, *_CHANGE_ERRORS, errors.AuthenticatorNotFound)
def rename_authenticator(
    caller: Caller, authenticator_id: str, payload: requests.TotpAuthenticatorName
) -> responses.TotpAuthenticator:
    """Rename an authenticator.

    Requires a login that verified the second factor at any time, or a code in the body.
    """
    caller.limit_rate("rename_authenticator")
    authority = _authority(caller, payload)
    renamed = services.rename_authenticator(
        caller.user, authenticator_id, payload.name, authority=authority, **caller.origin()
    )
    return responses.TotpAuthenticator.model_validate(renamed)


@answers(204, None, *_CHANGE_ERRORS, errors.AuthenticatorNotFound, errors.LastAuthenticator)
def remove_authenticator(
    caller: Caller, authenticator_id: str, payload: requests.TotpOptionalProof | None
) -> None:
    """Remove one of several authenticators.

    All logins must verify the second factor again, with one of the other authenticators. Requires
    the same proof as `disable`.
    """
    caller.limit_rate("remove_authenticator")
    authority = _authority(caller, payload)
    services.remove_authenticator(
        caller.user, authenticator_id, authority=authority, **caller.origin()
    )


@answers(200, responses.TotpConfirmation, *_CONFIRM_ERRORS)
def confirm(
    caller: Caller, payload: requests.TotpCode, response: HttpResponse
) -> responses.TotpConfirmation:
    """Confirm the new authenticator with a code.

    Returns new backup codes. They are shown only once. After adding another authenticator there are
    none, because the old ones still work. The session then counts as verified. A caller with a
    token gets new tokens with the second factor.
    """
    caller.limit_rate("confirm")
    require_enrolled_in_time(caller.user)
    code = payload.input_code.get_secret_value()
    confirmed = services.confirm_totp_setup(
        caller.user, code, credential=caller.credential(), **caller.origin()
    )
    tokens = caller.renewed(confirmed.auth_context) if _may_verify(caller, confirmed) else {}
    answer = responses.TotpConfirmation(backup_codes=confirmed.backup_codes, **tokens)
    return into_cookies(answer, caller.issuer, response)


def _may_verify(caller: Caller, confirmed: services.Confirmation) -> bool:
    # Wrong codes for a pending secret are counted nowhere else. While a factor is in use, a right
    # one verifies only callers who have verified that factor.
    before, proved = confirmed.generation_before, caller.auth_context()
    if before is None or proved is None:
        return True
    return proved.verified_at is not None and proved.generation == before


@answers(204, None, *_CHANGE_ERRORS, errors.EnrolmentRequired)
def disable(caller: Caller, payload: requests.TotpOptionalProof | None) -> None:
    """Turn off two-factor authentication.

    Requires a login that verified the second factor recently, or a code in the body.
    """
    caller.limit_rate("disable")
    require_enrolled_in_time(caller.user)
    services.disable_totp(caller.user, authority=_authority(caller, payload), **caller.origin())


@answers(200, responses.TotpBackupCodes, *_CHANGE_ERRORS)
def rotate_backup_codes(
    caller: Caller, payload: requests.TotpOptionalProof | None
) -> responses.TotpBackupCodes:
    """Create new backup codes.

    Returns the new codes. They are shown only once, and the old ones no longer work. Requires the
    same proof as `disable`.
    """
    caller.limit_rate("rotate_backup_codes")
    authority = _authority(caller, payload)
    codes = services.rotate_backup_codes(caller.user, authority=authority, **caller.origin())
    return responses.TotpBackupCodes(backup_codes=codes)


@answers(200, responses.TotpStatus, errors.NotAuthenticated)
def status(caller: Caller) -> responses.TotpStatus:
    """Get the status of your two-factor authentication."""
    caller.limit_rate("status")
    return responses.TotpStatus.model_validate(services.totp_status(caller.user))


@answers(200, responses.TotpEvents, errors.NotAuthenticated)
def events(caller: Caller, payload: requests.TotpEventsQuery) -> responses.TotpEvents:
    """List the events of your two-factor authentication, newest first."""
    caller.limit_rate("events")
    page = services.totp_events(caller.user, before=payload.before, limit=payload.limit)
    return responses.TotpEvents.model_validate(page)


@answers(200, responses.TotpTrustedDevices, errors.NotAuthenticated)
def trusted_devices(caller: Caller) -> responses.TotpTrustedDevices:
    """List your trusted devices, which log in without a code."""
    caller.limit_rate("trusted_devices")
    devices = services.trusted_devices(caller.user)
    return responses.TotpTrustedDevices.model_validate({"trusted_devices": devices})


@answers(204, None, errors.NotAuthenticated, errors.TrustedDeviceNotFound)
def revoke_trusted_device(caller: Caller, device_id: str) -> None:
    """Remove one of your trusted devices."""
    caller.limit_rate("revoke_trusted_device")
    services.revoke_trusted_device(caller.user, device_id, request=caller.request, api=caller.api)


@answers(200, responses.TotpVerified, *_VERIFY_ERRORS)
def verify(
    caller: Caller, payload: requests.TotpProof, response: HttpResponse
) -> responses.TotpVerified:
    """Verify the second factor again (step-up authentication).

    Marks the session as verified and changes its key. A caller with a token gets new tokens.
    """
    caller.limit_rate("verify")
    auth_context = services.step_up(caller.user, proof_of(payload), **caller.origin())
    verified_at = datetime.fromtimestamp(auth_context.verified_at or 0, UTC)
    answer = responses.TotpVerified(verified_at=verified_at, **caller.renewed(auth_context))
    return into_cookies(answer, caller.issuer, response)
