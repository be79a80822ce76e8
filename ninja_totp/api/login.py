"""The router for logging in: a password first, the second factor where one is set up.

    api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
    api.add_router("/session/", create_login_router(issuer=Session()))

No caller is authenticated here. Which calls there are depends on the issuer: tokens can be
refreshed and verified, a session can be ended.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from ninja_totp import schemas
from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.core.errors import (
    EnrolmentRequired,
    InvalidChallenge,
    InvalidCredentials,
    TokenNotValid,
    TotpError,
)
from ninja_totp.http import login
from ninja_totp.http.csrf import CSRF_ERRORS
from ninja_totp.http.issuers import CredentialIssuer, SessionIssuer, TokenIssuer


def _add_two_steps(to: Endpoints, issuer: CredentialIssuer, *refusals: type[TotpError]) -> None:
    credentials = schemas.credentials_schema()

    @to.post("/create/", {200: schemas.TotpLoginStep}, InvalidCredentials, *refusals)
    async def create(
        request: HttpRequest,
        response: HttpResponse,
        payload: credentials,  # type: ignore[valid-type]  # made at run time
    ) -> schemas.FirstStep:
        """Check name and password.

        Logs in where that is enough; otherwise returns a challenge for the second step, or a token
        for setting up the second factor that the site requires. Unknown name, wrong password and
        inactive account get the same answer.
        """
        step = sync_to_async(login.first_step)
        return await step(request, response, payload, issuer, api="ninja")

    errors = (*login.SECOND_STEP_ERRORS, *refusals)

    @to.post("/totp/verify/", {200: schemas.TotpLoggedIn}, *errors)
    async def totp_verify(
        request: HttpRequest, response: HttpResponse, payload: schemas.TotpVerify
    ) -> schemas.TotpLoggedIn:
        """Finish the login with a code, a backup code, or two consecutive codes.

        A challenge works once, for a few minutes and a few attempts. Two consecutive codes are
        also accepted while codes are locked.
        """
        step = sync_to_async(login.second_step)
        return await step(request, response, payload, issuer, api="ninja")


def _add_required_enrolment(
    to: Endpoints, issuer: CredentialIssuer, *refusals: type[TotpError]
) -> None:
    @to.post("/totp/create/", {201: schemas.TotpSetup}, InvalidChallenge, *refusals)
    async def totp_create(
        request: HttpRequest, payload: schemas.TotpRequiredEnrolment
    ) -> "Status[schemas.TotpSetup]":
        """Start the enrolment that the site requires, by the token of the first step."""
        begin = sync_to_async(login.begin_required_enrolment)
        return Status(201, await begin(request, payload, issuer))

    errors = (*login.COMPLETE_ENROLMENT_ERRORS, *refusals)

    @to.post("/totp/confirm/", {200: schemas.TotpConfirmation}, *errors)
    async def totp_confirm(
        request: HttpRequest, response: HttpResponse, payload: schemas.TotpRequiredEnrolmentCode
    ) -> schemas.TotpConfirmation:
        """Confirm the enrolment that the site requires, and log in.

        Returns the backup codes, for the only time.
        """
        complete = sync_to_async(login.complete_required_enrolment)
        return await complete(request, response, payload, issuer, api="ninja")


def _add_tokens(to: Endpoints, issuer: TokenIssuer) -> None:
    cookies: Any = login.cookies_of(issuer)
    body = schemas.TotpCookieRefresh | None if "refresh" in cookies else schemas.TotpRefresh
    shown = schemas.TotpTokens if cookies else schemas.TotpRefreshed
    refusals: Any = CSRF_ERRORS if cookies else ()

    @to.post("/refresh/", {200: shown}, TokenNotValid, EnrolmentRequired, *refusals)
    async def refresh(
        request: HttpRequest,
        response: HttpResponse,
        payload: body = None if "refresh" in cookies else ...,  # type: ignore[valid-type]
    ) -> schemas.TotpRefreshed:
        """Exchange a refresh token. The new tokens keep the authentication context.

        Refused if the site requires a second factor by now and the account has none.
        """
        return await sync_to_async(login.refresh)(request, response, payload, issuer)

    @to.post("/verify/", {200: dict[str, str]}, TokenNotValid)
    async def verify(
        request: HttpRequest,  # noqa: ARG001 - Ninja hands it to every endpoint
        payload: schemas.TotpToken,
    ) -> dict[str, str]:
        """Check that a token is signed by this site, unexpired and not revoked."""
        await sync_to_async(login.verify_token)(payload, issuer)
        return {}


def _add_logging_out(to: Endpoints, issuer: SessionIssuer) -> None:
    @to.post("/delete/", {204: None}, *CSRF_ERRORS)
    async def delete(request: HttpRequest) -> "Status[None]":
        """Log out. An open challenge of this browser dies with the session."""
        await sync_to_async(login.log_out)(request, issuer)
        return Status(204, None)


def create_login_router(*, issuer: CredentialIssuer) -> Router:
    """Return a login router whose credentials `issuer` hands out: NinjaJWT(), SimpleJWT(),
    Session() or an object of your own of the shape of `CredentialIssuer`.
    """
    require_instance(issuer)
    router = new_router(auth=None, tags=["Logging in"])
    by_cookie = login.is_session(issuer)
    endpoints = Endpoints(router, prefix="session" if by_cookie else "jwt")
    refusals: Any = CSRF_ERRORS if by_cookie or login.cookies_of(issuer) else ()
    _add_two_steps(endpoints, issuer, *refusals)
    _add_required_enrolment(endpoints, issuer, *refusals)
    if isinstance(issuer, TokenIssuer):
        _add_tokens(endpoints, issuer)
    if login.is_session(issuer):
        _add_logging_out(endpoints, issuer)
    return router
