"""The router for two-step login: the password first, then the second factor if 2FA is on.

    api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
    api.add_router("/session/", create_login_router(issuer=Session()))

No caller is authenticated here. Which calls there are depends on the issuer: tokens can be
refreshed and verified, a session can be ended.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.http import login
from ninja_totp.http.cookies import CSRF_ERRORS
from ninja_totp.http.document import tag_of
from ninja_totp.http.issuers import CredentialIssuer, SessionIssuer, TokenIssuer
from ninja_totp.schemas import requests, responses


def create_login_router(*, issuer: CredentialIssuer) -> Router:
    """Return a login router with the credentials of `issuer`.

    `issuer` is NinjaJWT(), SimpleJWT(), Session() or your own `CredentialIssuer`.
    """
    require_instance(issuer=issuer)
    prefix = "session" if login.is_session(issuer) else "jwt"
    uses_cookies = login.is_session(issuer) or getattr(issuer, "cookies", None)
    router = new_router(auth=None, tags=[tag_of(prefix)])
    to = Endpoints(router, prefix, CSRF_ERRORS if uses_cookies else ())
    _add_steps(to, issuer)
    if isinstance(issuer, TokenIssuer):
        _add_tokens(to, issuer)
    if login.is_session(issuer):
        _add_logging_out(to, issuer)
    return router


def _add_steps(to: Endpoints, issuer: CredentialIssuer) -> None:
    credentials = requests.credentials_schema()

    @to("POST", "/create/", login.first_step)
    def create(
        request: HttpRequest,
        response: HttpResponse,
        payload: credentials,  # type: ignore[valid-type]  # made at run time
    ) -> responses.FirstStep:
        return login.first_step(login.Client(request, response, issuer, "ninja"), payload)

    @to("POST", "/totp/verify/", login.second_step)
    def totp_verify(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpVerify
    ) -> responses.TotpLoggedIn:
        return login.second_step(login.Client(request, response, issuer, "ninja"), payload)

    @to("POST", "/totp/create/", login.begin_required_enrolment)
    def totp_create(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpRequiredEnrolment
    ) -> responses.TotpSetup:
        client = login.Client(request, response, issuer, "ninja")
        return login.begin_required_enrolment(client, payload)

    @to("POST", "/totp/confirm/", login.complete_required_enrolment)
    def totp_confirm(
        request: HttpRequest, response: HttpResponse, payload: requests.TotpRequiredEnrolmentCode
    ) -> responses.TotpConfirmation:
        client = login.Client(request, response, issuer, "ninja")
        return login.complete_required_enrolment(client, payload)


def _add_tokens(to: Endpoints, issuer: TokenIssuer) -> None:
    cookies: Any = getattr(issuer, "cookies", {})
    body = requests.TotpCookieRefresh | None if "refresh" in cookies else requests.TotpRefresh
    shown = responses.TotpTokens if cookies else responses.TotpRefreshed

    @to("POST", "/refresh/", login.refresh, shown=shown)
    def refresh(
        request: HttpRequest,
        response: HttpResponse,
        payload: body = None if "refresh" in cookies else ...,  # type: ignore[valid-type]
    ) -> responses.TotpRefreshed:
        return login.refresh(request, response, payload, issuer)

    # It looks at no cookie, so that it does not matter whose page asks.
    @Endpoints(to.router, to.prefix)("POST", "/verify/", login.verify_token)
    def verify(
        request: HttpRequest,  # noqa: ARG001 - Ninja hands it to every endpoint
        payload: requests.TotpToken,
    ) -> responses.TotpTokenValid:
        return login.verify_token(payload, issuer)


def _add_logging_out(to: Endpoints, issuer: SessionIssuer) -> None:
    @to("POST", "/delete/", login.log_out)
    def delete(request: HttpRequest) -> None:
        login.log_out(request, issuer)
