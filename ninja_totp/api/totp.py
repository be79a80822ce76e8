"""The router with which a signed-in user manages the second factor.

    api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())

An endpoint names its input, its output and the errors it can end with, and awaits one call.
"""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from ninja_totp import schemas
from ninja_totp.api.callers import caller_of
from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.core.errors import InvalidRequest, NotAuthenticated, TrustedDeviceNotFound
from ninja_totp.http import factor
from ninja_totp.http.csrf import CSRF_ERRORS
from ninja_totp.http.issuers import Automatic, CredentialIssuer

# The host may let callers in by their session, and then Ninja asks for the CSRF token.
_CHANGE = (*CSRF_ERRORS, *factor.CHANGE_ERRORS)


def create_router(*, issuer: CredentialIssuer | None = None) -> Router:
    """Return a router of all calls, for `NinjaAPI.add_router`.

    `issuer` reads the authentication context of a caller's credential and renews it; without one,
    bearer tokens are read by the JWT library that is installed, and anything else as a session. The
    router sets no `auth`: the host's applies, and without any every call answers 401.
    """
    require_instance(issuer)
    router = new_router(tags=["Two-factor authentication"])
    endpoints, reader = Endpoints(router, prefix="totp"), issuer or Automatic()
    _add_enrolment(endpoints, reader)
    _add_changes(endpoints, reader)
    _add_authenticators(endpoints, reader)
    _add_changes_of_authenticators(endpoints, reader)
    _add_reading(endpoints, reader)
    _add_trusted_devices(endpoints, reader)
    _add_step_up(endpoints, reader)
    return router


def _add_enrolment(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to.post("/create/", {201: schemas.TotpSetup}, *CSRF_ERRORS, *factor.CREATE_ERRORS)
    async def create(request: HttpRequest) -> "Status[schemas.TotpSetup]":
        """Start an enrolment.

        Returns the secret and its QR code, for the only time. Nothing changes for the user until
        `confirm`; starting again replaces what was pending. Refused to a login from before the site
        required a second factor: the user has to log in again, and sets one up on the way.
        """
        return Status(201, await sync_to_async(factor.create)(caller_of(request, issuer)))

    errors = (*CSRF_ERRORS, *factor.CONFIRM_ERRORS)

    @to.post("/confirm/", {200: schemas.TotpConfirmation}, *errors)
    async def confirm(
        request: HttpRequest, response: HttpResponse, payload: schemas.TotpCode
    ) -> schemas.TotpConfirmation:
        """Confirm an enrolment, a replacement or one more authenticator.

        Returns the backup codes, for the only time; none for one more authenticator, since those
        that the user has still work. A session that confirmed counts as verified; a
        caller with a token of ours gets new tokens that carry the second factor.
        """
        confirming = sync_to_async(factor.confirm)
        return await confirming(caller_of(request, issuer), payload, response)


def _add_changes(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to.post("/disable/", {204: None}, *CSRF_ERRORS, *factor.DISABLE_ERRORS)
    async def disable(
        request: HttpRequest, payload: schemas.TotpOptionalProof | None = None
    ) -> "Status[None]":
        """Switch the second factor off.

        Needs a credential that proved the second factor recently, or a code in the body.
        """
        await sync_to_async(factor.disable)(caller_of(request, issuer), payload)
        return Status(204, None)

    @to.post("/rotate_backup_codes/", {200: schemas.TotpBackupCodes}, *_CHANGE)
    async def rotate_backup_codes(
        request: HttpRequest, payload: schemas.TotpOptionalProof | None = None
    ) -> schemas.TotpBackupCodes:
        """Replace the backup codes.

        Returns the new ones, for the only time; the old ones no longer work. Needs what `disable`
        needs.
        """
        return await sync_to_async(factor.rotate_backup_codes)(caller_of(request, issuer), payload)

    @to.post("/replace/", {201: schemas.TotpSetup}, *_CHANGE)
    async def replace(
        request: HttpRequest, payload: schemas.TotpOptionalProof | None = None
    ) -> "Status[schemas.TotpSetup]":
        """Start the replacement of all authenticators by one.

        The old authenticators work until the new one is confirmed. Needs what `disable` needs.
        """
        replacing = sync_to_async(factor.replace)(caller_of(request, issuer), payload)
        return Status(201, await replacing)


def _add_authenticators(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to.get("/authenticators/", {200: schemas.TotpAuthenticators}, NotAuthenticated)
    async def authenticators(request: HttpRequest) -> schemas.TotpAuthenticators:
        """List the caller's authenticators, and how many there can be."""
        return await sync_to_async(factor.authenticators)(caller_of(request, issuer))

    @to.post("/authenticators/", {201: schemas.TotpAddedSetup}, *CSRF_ERRORS, *factor.ADD_ERRORS)
    async def add_authenticator(
        request: HttpRequest, payload: schemas.TotpAuthenticatorName
    ) -> "Status[schemas.TotpAddedSetup]":
        """Add one more authenticator.

        Returns its secret and QR code, for the only time. It counts after `confirm`. Needs what
        `disable` needs.
        """
        adding = sync_to_async(factor.add_authenticator)(caller_of(request, issuer), payload)
        return Status(201, await adding)


def _add_changes_of_authenticators(to: Endpoints, issuer: CredentialIssuer) -> None:
    path = "/authenticators/{authenticator_id}/"

    @to.patch(path, {200: schemas.TotpAuthenticator}, *CSRF_ERRORS, *factor.RENAME_ERRORS)
    async def rename_authenticator(
        request: HttpRequest, authenticator_id: str, payload: schemas.TotpAuthenticatorName
    ) -> schemas.TotpAuthenticator:
        """Rename an authenticator.

        Needs a credential that has proved the second factor, however long ago, or a code in the
        body.
        """
        rename = sync_to_async(factor.rename_authenticator)
        return await rename(caller_of(request, issuer), authenticator_id, payload)

    @to.delete(path, *CSRF_ERRORS, *factor.REMOVE_ERRORS, takes_body=True)
    async def remove_authenticator(
        request: HttpRequest,
        authenticator_id: str,
        payload: schemas.TotpOptionalProof | None = None,
    ) -> "Status[None]":
        """Remove one of several authenticators.

        Whatever was proved before has to be proved again, by one that is left. Needs what `disable`
        needs.
        """
        remove = sync_to_async(factor.remove_authenticator)
        await remove(caller_of(request, issuer), authenticator_id, payload)
        return Status(204, None)


def _add_reading(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to.get("/status/", {200: schemas.TotpStatus}, NotAuthenticated)
    async def status(request: HttpRequest) -> schemas.TotpStatus:
        """Return the status of the caller's second factor."""
        return await sync_to_async(factor.status)(caller_of(request, issuer))

    @to.get("/events/", {200: schemas.TotpEvents}, NotAuthenticated, InvalidRequest)
    async def events(
        request: HttpRequest, payload: Query[schemas.TotpEventsQuery]
    ) -> schemas.TotpEvents:
        """Tell what happened to the caller's own second factor, the newest event first."""
        return await sync_to_async(factor.events)(caller_of(request, issuer), payload)


def _add_trusted_devices(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to.get("/trusted_devices/", {200: schemas.TotpTrustedDevices}, NotAuthenticated)
    async def trusted_devices(request: HttpRequest) -> schemas.TotpTrustedDevices:
        """Tell on which devices the caller is asked for no code."""
        return await sync_to_async(factor.trusted_devices)(caller_of(request, issuer))

    @to.delete(
        "/trusted_devices/{device_id}/", *CSRF_ERRORS, NotAuthenticated, TrustedDeviceNotFound
    )
    async def revoke_trusted_device(request: HttpRequest, device_id: str) -> "Status[None]":
        """Revoke a trusted device of the caller."""
        revoke = sync_to_async(factor.revoke_trusted_device)
        await revoke(caller_of(request, issuer), device_id)
        return Status(204, None)


def _add_step_up(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to.post("/verify/", {200: schemas.TotpVerified}, *CSRF_ERRORS, *factor.VERIFY_ERRORS)
    async def verify(
        request: HttpRequest, response: HttpResponse, payload: schemas.TotpProof
    ) -> schemas.TotpVerified:
        """Prove the second factor again (step-up).

        A session gets the proof and a new key; a caller with a token of ours gets new tokens.
        """
        return await sync_to_async(factor.verify)(caller_of(request, issuer), payload, response)


router = create_router()
"""`create_router()`, ready to be mounted."""
