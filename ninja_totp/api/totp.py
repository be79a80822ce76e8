"""The router by which a logged-in user manages two-factor authentication.

    api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())

An endpoint names its input and makes one call, which `http/factor.py` describes.
"""

from typing import TypeAlias

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from ninja_totp.api.guard import user_in
from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.core.errors import InvalidRequest, NotAuthenticated
from ninja_totp.http import factor
from ninja_totp.http.caller import Caller
from ninja_totp.http.cookies import CSRF_ERRORS
from ninja_totp.http.document import tag_of
from ninja_totp.http.issuers import Automatic, CredentialIssuer
from ninja_totp.schemas import requests, responses

_Proof: TypeAlias = requests.TotpOptionalProof | None


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
    _add_changes(endpoints, reader)
    _add_authenticators(endpoints, reader)
    _add_reading(endpoints, reader)
    return router


def _caller(request: HttpRequest, issuer: CredentialIssuer) -> Caller:
    # Not `request.user`, which may come from a cookie of another user.
    user = getattr(request, "auth", None)
    if user is None:
        raise NotAuthenticated
    return Caller(request, user_in(user), issuer, api="ninja")


def _add_changes(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("POST", "/create/", factor.create)
    def create(request: HttpRequest) -> responses.TotpSetup:
        return factor.create(_caller(request, issuer))

    @to("POST", "/confirm/", factor.confirm)
    def confirm(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpCode
    ) -> responses.TotpConfirmation:
        return factor.confirm(_caller(request, issuer), payload, response)

    @to("POST", "/disable/", factor.disable)
    def disable(request: HttpRequest, payload: _Proof = None) -> None:
        factor.disable(_caller(request, issuer), payload)

    @to("POST", "/rotate_backup_codes/", factor.rotate_backup_codes)
    def rotate_backup_codes(
        request: HttpRequest, payload: _Proof = None
    ) -> responses.TotpBackupCodes:
        return factor.rotate_backup_codes(_caller(request, issuer), payload)

    @to("POST", "/replace/", factor.replace)
    def replace(request: HttpRequest, payload: _Proof = None) -> responses.TotpSetup:
        return factor.replace(_caller(request, issuer), payload)

    @to("POST", "/verify/", factor.verify)
    def verify(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpProof
    ) -> responses.TotpVerified:
        return factor.verify(_caller(request, issuer), payload, response)


def _add_authenticators(to: Endpoints, issuer: CredentialIssuer) -> None:
    path = "/authenticators/{authenticator_id}/"

    @to("GET", "/authenticators/", factor.authenticators)
    def authenticators(request: HttpRequest) -> responses.TotpAuthenticators:
        return factor.authenticators(_caller(request, issuer))

    @to("POST", "/authenticators/", factor.add_authenticator)
    def add_authenticator(
        request: HttpRequest, payload: requests.TotpAuthenticatorName
    ) -> responses.TotpAddedSetup:
        return factor.add_authenticator(_caller(request, issuer), payload)

    @to("PATCH", path, factor.rename_authenticator)
    def rename_authenticator(
        request: HttpRequest, authenticator_id: str, payload: requests.TotpAuthenticatorName
    ) -> responses.TotpAuthenticator:
        return factor.rename_authenticator(_caller(request, issuer), authenticator_id, payload)

    @to("DELETE", path, factor.remove_authenticator)
    def remove_authenticator(
        request: HttpRequest, authenticator_id: str, payload: _Proof = None
    ) -> None:
        factor.remove_authenticator(_caller(request, issuer), authenticator_id, payload)


def _add_reading(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("GET", "/status/", factor.status)
    def status(request: HttpRequest) -> responses.TotpStatus:
        return factor.status(_caller(request, issuer))

    @to("GET", "/events/", factor.events, InvalidRequest)
    def events(
        request: HttpRequest, payload: Query[requests.TotpEventsQuery]
    ) -> responses.TotpEvents:
        return factor.events(_caller(request, issuer), payload)

    @to("GET", "/trusted_devices/", factor.trusted_devices)
    def trusted_devices(request: HttpRequest) -> responses.TotpTrustedDevices:
        return factor.trusted_devices(_caller(request, issuer))

    @to("DELETE", "/trusted_devices/{device_id}/", factor.revoke_trusted_device)
    def revoke_trusted_device(request: HttpRequest, device_id: str) -> None:
        factor.revoke_trusted_device(_caller(request, issuer), device_id)


router = create_router()
"""`create_router()`, ready to be mounted."""
