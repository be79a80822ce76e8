"""What callers do with their own factor. Getting in is `login.py`, losing it is `recovery.py`."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from ninja_totp import schemas, services
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.http.caller import Caller
from ninja_totp.http.document import answers
from ninja_totp.http.login import into_cookies, proof_of, shown_setup, text_of
from ninja_totp.services.policy.enforcement import require_enrolled_in_time
from ninja_totp.services.step_up import Authority
from ninja_totp.services.verify import Proof

# What these calls can end with at either API, beside the errors of every endpoint.
CREATE_ERRORS = (errors.NotAuthenticated, errors.AlreadyEnabled, errors.EnrolmentRequired)
CONFIRM_ERRORS = (*CREATE_ERRORS, errors.InvalidEnrolmentCode, errors.NotEnrolled, errors.Locked)
VERIFY_ERRORS = (errors.NotAuthenticated, errors.InvalidCode, errors.NotEnrolled, errors.Locked)
CHANGE_ERRORS = (*VERIFY_ERRORS, errors.SecondFactorRequired)
ADD_ERRORS = (*CHANGE_ERRORS, errors.TooManyAuthenticators)
RENAME_ERRORS = (*CHANGE_ERRORS, errors.AuthenticatorNotFound)
REMOVE_ERRORS = (*RENAME_ERRORS, errors.LastAuthenticator)
DISABLE_ERRORS = (*CHANGE_ERRORS, errors.EnrolmentRequired)

_TWO_PROOFS = gettext_noop("Provide only one of input_code or backup_code, not both.")


@sensitive_variables()
def _authority(caller: Caller, payload: schemas.TotpOptionalProof | None) -> Authority:
    """Return by what right the caller changes the factor: a proof, or their credential.

    Raises InvalidRequest for two proofs at once.
    """
    if payload is None or (payload.input_code is None and payload.backup_code is None):
        return caller.auth_context()
    if payload.input_code is not None and payload.backup_code is not None:
        raise errors.InvalidRequest(fields={"non_field_errors": [gettext(_TWO_PROOFS)]})
    code, backup_code = text_of(payload.input_code), text_of(payload.backup_code)
    return Proof(otp_code=code, backup_code=backup_code)


@answers(201, schemas.TotpSetup, *CREATE_ERRORS)
@sensitive_variables()
def create(caller: Caller) -> schemas.TotpSetup:
    """Start an enrolment.

    Returns the secret and its QR code, for the only time. Nothing changes for the user until
    `confirm`; starting again replaces what was pending. Refused to a login from before the site
    required a second factor: the user has to log in again, and sets one up on the way.
    """
    caller.limit_rate("create")
    require_enrolled_in_time(caller.user)
    return shown_setup(
        services.create_totp_setup(caller.user, authenticated_at=caller.authenticated_at())
    )


@answers(201, schemas.TotpSetup, *CHANGE_ERRORS)
@sensitive_variables()
def replace(caller: Caller, payload: schemas.TotpOptionalProof | None) -> schemas.TotpSetup:
    """Start the replacement of all authenticators by one.

    The old authenticators work until the new one is confirmed. Needs what `disable` needs.
    """
    caller.limit_rate("replace")
    return shown_setup(
        services.replace_totp(
            caller.user,
            authority=_authority(caller, payload),
            authenticated_at=caller.authenticated_at(),
            request=caller.request,
            api=caller.api,
        )
    )


@answers(200, schemas.TotpAuthenticators, errors.NotAuthenticated)
def authenticators(caller: Caller) -> schemas.TotpAuthenticators:
    """List the caller's authenticators, and how many there can be."""
    caller.limit_rate("authenticators")
    found = services.list_authenticators(caller.user)
    most = get_settings().max_authenticators
    return schemas.TotpAuthenticators.model_validate(
        {"authenticators": found, "max": most}, from_attributes=True
    )


@answers(201, schemas.TotpAddedSetup, *ADD_ERRORS)
@sensitive_variables()
def add_authenticator(
    caller: Caller, payload: schemas.TotpAuthenticatorName
) -> schemas.TotpAddedSetup:
    """Add one more authenticator.

    Returns its secret and QR code, for the only time. It counts after `confirm`. Needs what
    `disable` needs.
    """
    caller.limit_rate("add_authenticator")
    setup = services.add_authenticator(
        caller.user,
        payload.name,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )
    return schemas.TotpAddedSetup(id=setup.id, **shown_setup(setup).model_dump())


@answers(200, schemas.TotpAuthenticator, *RENAME_ERRORS)
@sensitive_variables()
def rename_authenticator(
    caller: Caller, authenticator_id: str, payload: schemas.TotpAuthenticatorName
) -> schemas.TotpAuthenticator:
    """Rename an authenticator.

    Needs a credential that has proved the second factor, however long ago, or a code in the
    body.
    """
    caller.limit_rate("rename_authenticator")
    renamed = services.rename_authenticator(
        caller.user,
        authenticator_id,
        payload.name,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )
    return schemas.TotpAuthenticator.model_validate(renamed, from_attributes=True)


@answers(204, None, *REMOVE_ERRORS)
@sensitive_variables()
def remove_authenticator(
    caller: Caller, authenticator_id: str, payload: schemas.TotpOptionalProof | None
) -> None:
    """Remove one of several authenticators.

    Whatever was proved before has to be proved again, by one that is left. Needs what `disable`
    needs.
    """
    caller.limit_rate("remove_authenticator")
    services.remove_authenticator(
        caller.user,
        authenticator_id,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )


@answers(200, schemas.TotpConfirmation, *CONFIRM_ERRORS)
@sensitive_variables()
def confirm(
    caller: Caller, payload: schemas.TotpCode, response: HttpResponse
) -> schemas.TotpConfirmation:
    """Confirm an enrolment, a replacement or one more authenticator.

    Returns the backup codes, for the only time; none for one more authenticator, since those
    that the user has still work. A session that confirmed counts as verified; a
    caller with a token of ours gets new tokens that carry the second factor.
    """
    caller.limit_rate("confirm")
    require_enrolled_in_time(caller.user)
    code = payload.input_code.get_secret_value()
    confirmed = services.confirm_totp_setup(
        caller.user,
        code,
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )
    tokens = caller.renewed(confirmed.auth_context) if _may_rise(caller, confirmed) else {}
    answer = schemas.TotpConfirmation(backup_codes=confirmed.backup_codes, **tokens)
    return into_cookies(answer, caller.issuer, response)


def _may_rise(caller: Caller, confirmed: services.Confirmation) -> bool:
    # Wrong codes for a pending secret are counted nowhere else: beside a factor in use, a right one
    # must earn nobody the standing who has not proved that factor.
    before, proved = confirmed.generation_before, caller.auth_context()
    if before is None or proved is None:
        return True
    return proved.verified_at is not None and proved.generation == before


@answers(204, None, *DISABLE_ERRORS)
@sensitive_variables()
def disable(caller: Caller, payload: schemas.TotpOptionalProof | None) -> None:
    """Switch the second factor off.

    Needs a credential that proved the second factor recently, or a code in the body.
    """
    caller.limit_rate("disable")
    require_enrolled_in_time(caller.user)
    services.disable_totp(
        caller.user,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )


@answers(200, schemas.TotpBackupCodes, *CHANGE_ERRORS)
@sensitive_variables()
def rotate_backup_codes(
    caller: Caller, payload: schemas.TotpOptionalProof | None
) -> schemas.TotpBackupCodes:
    """Replace the backup codes.

    Returns the new ones, for the only time; the old ones no longer work. Needs what `disable`
    needs.
    """
    caller.limit_rate("rotate_backup_codes")
    codes = services.rotate_backup_codes(
        caller.user,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )
    return schemas.TotpBackupCodes(backup_codes=codes)


@answers(200, schemas.TotpStatus, errors.NotAuthenticated)
def status(caller: Caller) -> schemas.TotpStatus:
    """Return the status of the caller's second factor."""
    caller.limit_rate("status")
    return schemas.TotpStatus.model_validate(
        services.totp_status(caller.user), from_attributes=True
    )


@answers(200, schemas.TotpEvents, errors.NotAuthenticated)
def events(caller: Caller, payload: schemas.TotpEventsQuery) -> schemas.TotpEvents:
    """Tell what happened to the caller's own second factor, the newest event first."""
    caller.limit_rate("events")
    page = services.totp_events(caller.user, before=payload.before, limit=payload.limit)
    return schemas.TotpEvents.model_validate(page, from_attributes=True)


@answers(200, schemas.TotpTrustedDevices, errors.NotAuthenticated)
def trusted_devices(caller: Caller) -> schemas.TotpTrustedDevices:
    """Tell on which devices the caller is asked for no code."""
    caller.limit_rate("trusted_devices")
    devices = services.trusted_devices(caller.user)
    return schemas.TotpTrustedDevices.model_validate(
        {"trusted_devices": devices}, from_attributes=True
    )


@answers(204, None, errors.NotAuthenticated, errors.TrustedDeviceNotFound)
def revoke_trusted_device(caller: Caller, device_id: str) -> None:
    """Revoke a trusted device of the caller."""
    caller.limit_rate("revoke_trusted_device")
    services.revoke_trusted_device(caller.user, device_id, request=caller.request, api=caller.api)


@answers(200, schemas.TotpVerified, *VERIFY_ERRORS)
@sensitive_variables()
def verify(
    caller: Caller, payload: schemas.TotpProof, response: HttpResponse
) -> schemas.TotpVerified:
    """Prove the second factor again (step-up).

    A session gets the proof and a new key; a caller with a token of ours gets new tokens.
    """
    caller.limit_rate("verify")
    auth_context = services.step_up(
        caller.user,
        proof_of(payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )
    verified_at = datetime.fromtimestamp(auth_context.verified_at or 0, UTC)
    answer = schemas.TotpVerified(verified_at=verified_at, **caller.renewed(auth_context))
    return into_cookies(answer, caller.issuer, response)
