"""The router by which a logged-in user manages two-factor authentication.

    api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())

An endpoint names its input and awaits one call. `http/factor.py` describes the calls.
"""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from ninja_totp.api.callers import caller_of
from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.core.errors import InvalidRequest
from ninja_totp.http import factor
from ninja_totp.http.csrf import CSRF_ERRORS
from ninja_totp.http.document import tag_of
from ninja_totp.http.issuers import Automatic, CredentialIssuer
from ninja_totp.schemas import requests, responses


def create_router(*, issuer: CredentialIssuer | None = None) -> Router:
    """Return a router with all calls, for `NinjaAPI.add_router`.

    `issuer` reads and renews the authentication context of a credential. By default, the installed
    JWT library reads bearer tokens, and any other credential counts as a session. The router has no
    `auth` of its own: pass it to `add_router` or to the NinjaAPI, or every call answers 401.
    """
    require_instance(issuer=issuer)
    router = new_router(tags=[tag_of("totp")])
    # The project may authenticate callers by session. Ninja then checks the CSRF token.
    endpoints, reader = Endpoints(router, "totp", CSRF_ERRORS), issuer or Automatic()
    _add_enrolment(endpoints, reader)
    _add_changes(endpoints, reader)
    _add_authenticators(endpoints, reader)
    _add_changes_of_authenticators(endpoints, reader)
    _add_reading(endpoints, reader)
    _add_trusted_devices(endpoints, reader)
    _add_step_up(endpoints, reader)
    return router


def _add_enrolment(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("POST", "/create/", factor.create)
    async def create(request: HttpRequest) -> "Status[responses.TotpSetup]":
        return Status(201, await sync_to_async(factor.create)(caller_of(request, issuer)))

    @to("POST", "/confirm/", factor.confirm)
    async def confirm(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpCode
    ) -> responses.TotpConfirmation:
        confirming = sync_to_async(factor.confirm)
        return await confirming(caller_of(request, issuer), payload, response)


def _add_changes(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("POST", "/disable/", factor.disable)
    async def disable(
        request: HttpRequest, payload: requests.TotpOptionalProof | None = None
    ) -> "Status[None]":
        await sync_to_async(factor.disable)(caller_of(request, issuer), payload)
        return Status(204, None)

    @to("POST", "/rotate_backup_codes/", factor.rotate_backup_codes)
    async def rotate_backup_codes(
        request: HttpRequest, payload: requests.TotpOptionalProof | None = None
    ) -> responses.TotpBackupCodes:
        return await sync_to_async(factor.rotate_backup_codes)(caller_of(request, issuer), payload)

    @to("POST", "/replace/", factor.replace)
    async def replace(
        request: HttpRequest, payload: requests.TotpOptionalProof | None = None
    ) -> "Status[responses.TotpSetup]":
        replacing = sync_to_async(factor.replace)(caller_of(request, issuer), payload)
        return Status(201, await replacing)


def _add_authenticators(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("GET", "/authenticators/", factor.authenticators)
    async def authenticators(request: HttpRequest) -> responses.TotpAuthenticators:
        return await sync_to_async(factor.authenticators)(caller_of(request, issuer))

    @to("POST", "/authenticators/", factor.add_authenticator)
    async def add_authenticator(
        request: HttpRequest, payload: requests.TotpAuthenticatorName
    ) -> "Status[responses.TotpAddedSetup]":
        adding = sync_to_async(factor.add_authenticator)(caller_of(request, issuer), payload)
        return Status(201, await adding)


def _add_changes_of_authenticators(to: Endpoints, issuer: CredentialIssuer) -> None:
    path = "/authenticators/{authenticator_id}/"

    @to("PATCH", path, factor.rename_authenticator)
    async def rename_authenticator(
        request: HttpRequest, authenticator_id: str, payload: requests.TotpAuthenticatorName
    ) -> responses.TotpAuthenticator:
        rename = sync_to_async(factor.rename_authenticator)
        return await rename(caller_of(request, issuer), authenticator_id, payload)

    @to("DELETE", path, factor.remove_authenticator)
    async def remove_authenticator(
        request: HttpRequest,
        authenticator_id: str,
        payload: requests.TotpOptionalProof | None = None,
    ) -> "Status[None]":
        remove = sync_to_async(factor.remove_authenticator)
        await remove(caller_of(request, issuer), authenticator_id, payload)
        return Status(204, None)


def _add_reading(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("GET", "/status/", factor.status)
    async def status(request: HttpRequest) -> responses.TotpStatus:
        return await sync_to_async(factor.status)(caller_of(request, issuer))

    @to("GET", "/events/", factor.events, InvalidRequest)
    async def events(
        request: HttpRequest, payload: Query[requests.TotpEventsQuery]
    ) -> responses.TotpEvents:
        return await sync_to_async(factor.events)(caller_of(request, issuer), payload)


def _add_trusted_devices(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("GET", "/trusted_devices/", factor.trusted_devices)
    async def trusted_devices(request: HttpRequest) -> responses.TotpTrustedDevices:
        return await sync_to_async(factor.trusted_devices)(caller_of(request, issuer))

    @to("DELETE", "/trusted_devices/{device_id}/", factor.revoke_trusted_device)
    async def revoke_trusted_device(request: HttpRequest, device_id: str) -> "Status[None]":
        revoke = sync_to_async(factor.revoke_trusted_device)
        await revoke(caller_of(request, issuer), device_id)
        return Status(204, None)


def _add_step_up(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("POST", "/verify/", factor.verify)
    async def verify(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpProof
    ) -> responses.TotpVerified:
        return await sync_to_async(factor.verify)(caller_of(request, issuer), payload, response)


router = create_router()
"""`create_router()`, ready to be mounted."""
