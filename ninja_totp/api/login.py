"""The router for two-step login: the password first, then the second factor if 2FA is on.

    api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
    api.add_router("/session/", create_login_router(issuer=Session()))

No caller is authenticated here. Which calls there are depends on the issuer: tokens can be
refreshed and verified, a session can be ended.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.http import login
from ninja_totp.http.csrf import CSRF_ERRORS
from ninja_totp.http.document import tag_of
from ninja_totp.http.issuers import CredentialIssuer, SessionIssuer, TokenIssuer
from ninja_totp.schemas import requests, responses


def _add_two_steps(to: Endpoints, issuer: CredentialIssuer) -> None:
    credentials = requests.credentials_schema()

    @to("POST", "/create/", login.first_step)
    async def create(
        request: HttpRequest,
        response: HttpResponse,
        payload: credentials,  # type: ignore[valid-type]  # made at run time
    ) -> responses.FirstStep:
        step = sync_to_async(login.first_step)
        return await step(request, response, payload, issuer, api="ninja")

    @to("POST", "/totp/verify/", login.second_step)
    async def totp_verify(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpVerify
    ) -> responses.TotpLoggedIn:
        step = sync_to_async(login.second_step)
        return await step(request, response, payload, issuer, api="ninja")


def _add_required_enrolment(to: Endpoints, issuer: CredentialIssuer) -> None:
    @to("POST", "/totp/create/", login.begin_required_enrolment)
    async def totp_create(
        request: HttpRequest, payload: requests.TotpRequiredEnrolment
    ) -> "Status[responses.TotpSetup]":
        begin = sync_to_async(login.begin_required_enrolment)
        return Status(201, await begin(request, payload, issuer))

    @to("POST", "/totp/confirm/", login.complete_required_enrolment)
    async def totp_confirm(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpRequiredEnrolmentCode
    ) -> responses.TotpConfirmation:
        complete = sync_to_async(login.complete_required_enrolment)
        return await complete(request, response, payload, issuer, api="ninja")


def _add_tokens(to: Endpoints, issuer: TokenIssuer) -> None:
    cookies: Any = login.cookies_of(issuer)
    body = requests.TotpCookieRefresh | None if "refresh" in cookies else requests.TotpRefresh
    shown = {200: responses.TotpTokens if cookies else responses.TotpRefreshed}

    @to("POST", "/refresh/", login.refresh, success=shown)
    async def refresh(
        request: HttpRequest,
        response: HttpResponse,
        payload: body = None if "refresh" in cookies else ...,  # type: ignore[valid-type]
    ) -> responses.TotpRefreshed:
        return await sync_to_async(login.refresh)(request, response, payload, issuer)

    # It looks at no cookie, so that it does not matter whose page asks.
    @Endpoints(to.router, to.prefix)("POST", "/verify/", login.verify_token)
    async def verify(
        request: HttpRequest,  # noqa: ARG001 - Ninja hands it to every endpoint
        payload: requests.TotpToken,
    ) -> responses.TotpTokenValid:
        await sync_to_async(login.verify_token)(payload, issuer)
        return responses.TotpTokenValid()


def _add_logging_out(to: Endpoints, issuer: SessionIssuer) -> None:
    @to("POST", "/delete/", login.log_out)
    async def delete(request: HttpRequest) -> "Status[None]":
        await sync_to_async(login.log_out)(request, issuer)
        return Status(204, None)


def create_login_router(*, issuer: CredentialIssuer) -> Router:
    """Return a login router with the credentials of `issuer`.

    `issuer` is NinjaJWT(), SimpleJWT(), Session() or your own `CredentialIssuer`.
    """
    require_instance(issuer=issuer)
    by_cookie = login.is_session(issuer)
    prefix = "session" if by_cookie else "jwt"
    router = new_router(auth=None, tags=[tag_of(prefix)])
    refusals: Any = CSRF_ERRORS if by_cookie or login.cookies_of(issuer) else ()
    endpoints = Endpoints(router, prefix, refusals)
    _add_two_steps(endpoints, issuer)
    _add_required_enrolment(endpoints, issuer)
    if isinstance(issuer, TokenIssuer):
        _add_tokens(endpoints, issuer)
    if login.is_session(issuer):
        _add_logging_out(endpoints, issuer)
    return router
