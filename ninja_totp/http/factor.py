"""What callers do with their own factor. Getting in is `login.py`, losing it is `recovery.py`."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from ninja_totp import schemas, services
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.http.caller import Caller
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


@sensitive_variables()
def create(caller: Caller) -> schemas.TotpSetup:
    caller.limit_rate("create")
    require_enrolled_in_time(caller.user)
    return shown_setup(
        services.create_totp_setup(caller.user, authenticated_at=caller.authenticated_at())
    )


@sensitive_variables()
def replace(caller: Caller, payload: schemas.TotpOptionalProof | None) -> schemas.TotpSetup:
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


def authenticators(caller: Caller) -> schemas.TotpAuthenticators:
    caller.limit_rate("authenticators")
    found = services.list_authenticators(caller.user)
    most = get_settings().max_authenticators
    return schemas.TotpAuthenticators.model_validate(
        {"authenticators": found, "max": most}, from_attributes=True
    )


@sensitive_variables()
def add_authenticator(
    caller: Caller, payload: schemas.TotpAuthenticatorName
) -> schemas.TotpAddedSetup:
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


@sensitive_variables()
def rename_authenticator(
    caller: Caller, authenticator_id: str, payload: schemas.TotpAuthenticatorName
) -> schemas.TotpAuthenticator:
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


@sensitive_variables()
def remove_authenticator(
    caller: Caller, authenticator_id: str, payload: schemas.TotpOptionalProof | None
) -> None:
    caller.limit_rate("remove_authenticator")
    services.remove_authenticator(
        caller.user,
        authenticator_id,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )


@sensitive_variables()
def confirm(
    caller: Caller, payload: schemas.TotpCode, response: HttpResponse
) -> schemas.TotpConfirmation:
    """Confirm what is pending; the caller's credential becomes a verified one."""
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


@sensitive_variables()
def disable(caller: Caller, payload: schemas.TotpOptionalProof | None) -> None:
    caller.limit_rate("disable")
    require_enrolled_in_time(caller.user)
    services.disable_totp(
        caller.user,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )


@sensitive_variables()
def rotate_backup_codes(
    caller: Caller, payload: schemas.TotpOptionalProof | None
) -> schemas.TotpBackupCodes:
    caller.limit_rate("rotate_backup_codes")
    codes = services.rotate_backup_codes(
        caller.user,
        authority=_authority(caller, payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
        api=caller.api,
    )
    return schemas.TotpBackupCodes(backup_codes=codes)


def status(caller: Caller) -> schemas.TotpStatus:
    caller.limit_rate("status")
    return schemas.TotpStatus.model_validate(
        services.totp_status(caller.user), from_attributes=True
    )


def events(caller: Caller, payload: schemas.TotpEventsQuery) -> schemas.TotpEvents:
    caller.limit_rate("events")
    page = services.totp_events(caller.user, before=payload.before, limit=payload.limit)
    return schemas.TotpEvents.model_validate(page, from_attributes=True)


def trusted_devices(caller: Caller) -> schemas.TotpTrustedDevices:
    caller.limit_rate("trusted_devices")
    devices = services.trusted_devices(caller.user)
    return schemas.TotpTrustedDevices.model_validate(
        {"trusted_devices": devices}, from_attributes=True
    )


def revoke_trusted_device(caller: Caller, device_id: str) -> None:
    caller.limit_rate("revoke_trusted_device")
    services.revoke_trusted_device(caller.user, device_id, request=caller.request, api=caller.api)


@sensitive_variables()
def verify(
    caller: Caller, payload: schemas.TotpProof, response: HttpResponse
) -> schemas.TotpVerified:
    """Step up: prove the second factor again."""
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
