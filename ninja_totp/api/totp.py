"""The router with which a signed-in user manages the second factor.

    api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())

An endpoint names its input, its output and the errors it can end with, and awaits one call.
"""

from django.http import HttpRequest
from ninja import Query, Status

from ninja_totp import schemas
from ninja_totp.api.hop import as_user
from ninja_totp.api.operation import TotpRouter
from ninja_totp.api.routes import Routes
from ninja_totp.core.errors import (
    AlreadyEnabled,
    CsrfFailed,
    InvalidCode,
    InvalidEnrolmentCode,
    InvalidRequest,
    Locked,
    NotAuthenticated,
    NotEnrolled,
    SecondFactorRequired,
    TotpRequired,
    TrustedDeviceNotFound,
)
from ninja_totp.http import factor as http_factor
from ninja_totp.http.issuers import Automatic, CredentialIssuer

__all__ = ["create_router", "router"]

_routes = Routes()
# The host may let callers in by their session, and then Ninja asks for the CSRF token.
_SIGNED_IN = (NotAuthenticated, CsrfFailed)
_CHANGE = (*_SIGNED_IN, NotEnrolled, InvalidCode, SecondFactorRequired, Locked)


@_routes.post("/create/", {201: schemas.TotpSetup}, *_SIGNED_IN, AlreadyEnabled, TotpRequired)
async def create(request: HttpRequest) -> "Status[schemas.TotpSetup]":
    """Start an enrolment.

    Returns the secret and its QR code, for the only time. Nothing changes for the user until
    `confirm`; starting again replaces what was pending. Refused to a login from before the site
    required a second factor: the user has to log in again, and sets one up on the way.
    """
    return Status(201, await as_user(request, http_factor.create))


@_routes.post(
    "/confirm/",
    {200: schemas.TotpConfirmation},
    *_SIGNED_IN,
    InvalidEnrolmentCode,
    NotEnrolled,
    AlreadyEnabled,
    TotpRequired,
    Locked,
)
async def confirm(request: HttpRequest, payload: schemas.TotpCode) -> schemas.TotpConfirmation:
    """Confirm an enrolment or a replacement.

    Returns the backup codes, for the only time. A session that confirmed counts as verified; a
    caller with a token of ours gets new tokens of verified standing.
    """
    return await as_user(request, http_factor.confirm, payload)


@_routes.post("/disable/", {204: None}, *_CHANGE, TotpRequired)
async def disable(
    request: HttpRequest, payload: schemas.TotpOptionalProof | None = None
) -> "Status[None]":
    """Switch the second factor off.

    Needs a credential that proved the second factor lately, or a code in the body.
    """
    await as_user(request, http_factor.disable, payload)
    return Status(204, None)


@_routes.post("/rotate_backup_codes/", {200: schemas.TotpBackupCodes}, *_CHANGE)
async def rotate_backup_codes(
    request: HttpRequest, payload: schemas.TotpOptionalProof | None = None
) -> schemas.TotpBackupCodes:
    """Replace the backup codes.

    Returns the new ones, for the only time; the old ones no longer work. Needs what `disable`
    needs.
    """
    return await as_user(request, http_factor.rotate_backup_codes, payload)


@_routes.post("/replace/", {201: schemas.TotpSetup}, *_CHANGE)
async def replace(
    request: HttpRequest, payload: schemas.TotpOptionalProof | None = None
) -> "Status[schemas.TotpSetup]":
    """Start the replacement of the authenticator.

    The old authenticator works until the new one is confirmed. Needs what `disable` needs.
    """
    return Status(201, await as_user(request, http_factor.replace, payload))


@_routes.get("/status/", {200: schemas.TotpStatus}, NotAuthenticated)
async def status(request: HttpRequest) -> schemas.TotpStatus:
    """Tell the state of the caller's own second factor."""
    return await as_user(request, http_factor.status)


@_routes.get("/events/", {200: schemas.TotpEvents}, NotAuthenticated, InvalidRequest)
async def events(
    request: HttpRequest, payload: Query[schemas.TotpEventsQuery]
) -> schemas.TotpEvents:
    """Tell what happened to the caller's own second factor, the newest event first."""
    return await as_user(request, http_factor.events, payload)


@_routes.get("/trusted_devices/", {200: schemas.TotpTrustedDevices}, NotAuthenticated)
async def trusted_devices(request: HttpRequest) -> schemas.TotpTrustedDevices:
    """Tell on which devices the caller is asked for no code."""
    return await as_user(request, http_factor.trusted_devices)


@_routes.delete("/trusted_devices/{device_id}/", *_SIGNED_IN, TrustedDeviceNotFound)
async def revoke_trusted_device(request: HttpRequest, device_id: str) -> "Status[None]":
    """Trust a device of the caller's no more."""
    await as_user(request, http_factor.revoke_trusted_device, device_id)
    return Status(204, None)


@_routes.post(
    "/verify/", {200: schemas.TotpVerified}, *_SIGNED_IN, InvalidCode, NotEnrolled, Locked
)
async def verify(request: HttpRequest, payload: schemas.TotpProof) -> schemas.TotpVerified:
    """Prove the second factor again (step-up).

    A session is marked and its key cycled; a caller with a token of ours gets new tokens.
    """
    return await as_user(request, http_factor.verify, payload)


def create_router(*, issuer: CredentialIssuer | None = None) -> TotpRouter:
    """Return a router of all calls, for `NinjaAPI.add_router`.

    `issuer` reads the standing of a caller's credential and renews it; without one, bearer tokens
    are read by the JWT library that is installed, and anything else as a session. The router sets
    no `auth`: the host's applies, and without any every call answers 401.
    """
    router = TotpRouter(issuer or Automatic(), tags=["Two-factor authentication"])
    _routes.add_to(router, prefix="totp")
    return router


router = create_router()
"""`create_router()`, ready to be mounted."""
