"""What callers do with their own factor. Getting in is `login.py`, losing it is `recovery.py`."""

from datetime import UTC, datetime

from django.views.decorators.debug import sensitive_variables

from ninja_totp import schemas, services
from ninja_totp.http.caller import Caller
from ninja_totp.services.policy.enforcement import require_enrolled_in_time

__all__ = [
    "confirm",
    "create",
    "disable",
    "events",
    "replace",
    "revoke_trusted_device",
    "rotate_backup_codes",
    "shown_setup",
    "status",
    "trusted_devices",
    "verify",
]


def shown_setup(setup: services.TotpSetup) -> schemas.TotpSetup:
    """Return what the user is shown of a pending secret, once."""
    return schemas.TotpSetup(
        svg=setup.svg,
        uri=setup.uri,
        secret=setup.secret,
        secret_grouped=setup.secret_grouped,
        expires_at=setup.expires_at,
    )


@sensitive_variables()
def create(caller: Caller) -> schemas.TotpSetup:
    """Start an enrolment."""
    require_enrolled_in_time(caller.user)
    return shown_setup(
        services.create_totp_setup(caller.user, authenticated_at=caller.authenticated_at())
    )


@sensitive_variables()
def replace(caller: Caller, payload: schemas.TotpOptionalProof | None) -> schemas.TotpSetup:
    """Start the replacement of the authenticator."""
    return shown_setup(
        services.replace_totp(
            caller.user,
            authority=caller.authority(payload),
            authenticated_at=caller.authenticated_at(),
            request=caller.request,
        )
    )


@sensitive_variables()
def confirm(caller: Caller, payload: schemas.TotpCode) -> schemas.TotpConfirmation:
    """Confirm an enrolment or a replacement; the caller's credential becomes a verified one."""
    require_enrolled_in_time(caller.user)
    code = payload.input_code.get_secret_value()
    confirmed = services.confirm_totp_setup(
        caller.user, code, authenticated_at=caller.authenticated_at(), request=caller.request
    )
    tokens = caller.renewed(confirmed.auth_context)
    return schemas.TotpConfirmation(backup_codes=confirmed.backup_codes, **tokens)


@sensitive_variables()
def disable(caller: Caller, payload: schemas.TotpOptionalProof | None) -> None:
    """Switch the second factor off."""
    require_enrolled_in_time(caller.user)
    services.disable_totp(
        caller.user,
        authority=caller.authority(payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
    )


@sensitive_variables()
def rotate_backup_codes(
    caller: Caller, payload: schemas.TotpOptionalProof | None
) -> schemas.TotpBackupCodes:
    """Replace the backup codes."""
    codes = services.rotate_backup_codes(
        caller.user,
        authority=caller.authority(payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
    )
    return schemas.TotpBackupCodes(backup_codes=codes)


def status(caller: Caller) -> schemas.TotpStatus:
    """Tell the caller about their own factor."""
    return schemas.TotpStatus.model_validate(
        services.totp_status(caller.user), from_attributes=True
    )


def events(caller: Caller, payload: schemas.TotpEventsQuery) -> schemas.TotpEvents:
    """Tell the caller what happened to their own factor."""
    page = services.totp_events(caller.user, before=payload.before, limit=payload.limit)
    return schemas.TotpEvents.model_validate(page, from_attributes=True)


def trusted_devices(caller: Caller) -> schemas.TotpTrustedDevices:
    """Tell the caller which devices they trust."""
    devices = services.trusted_devices(caller.user)
    return schemas.TotpTrustedDevices.model_validate(
        {"trusted_devices": devices}, from_attributes=True
    )


def revoke_trusted_device(caller: Caller, device_id: str) -> None:
    """Trust a device of the caller's no more."""
    services.revoke_trusted_device(caller.user, device_id, request=caller.request)


@sensitive_variables()
def verify(caller: Caller, payload: schemas.TotpProof) -> schemas.TotpVerified:
    """Step up: prove the second factor again."""
    auth_context = services.step_up(
        caller.user,
        payload.proof(),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
    )
    verified_at = datetime.fromtimestamp(auth_context.verified_at or 0, UTC)
    return schemas.TotpVerified(verified_at=verified_at, **caller.renewed(auth_context))
