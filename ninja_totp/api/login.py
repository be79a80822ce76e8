"""The router for logging in: a password first, the second factor where one is set up.

    api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
    api.add_router("/session/", create_login_router(issuer=Session()))

Nobody is authenticated here. Which calls there are depends on the issuer: tokens can be
refreshed and verified, a session can be ended.
"""

from typing import Any

from django.http import HttpRequest
from ninja import Status
from pydantic import SecretStr

from ninja_totp import schemas
from ninja_totp.api.hop import as_anonymous
from ninja_totp.api.operation import TotpRouter
from ninja_totp.api.routes import Routes
from ninja_totp.core.errors import (
    CsrfFailed,
    InvalidChallenge,
    InvalidCode,
    InvalidCredentials,
    InvalidEnrolmentCode,
    Locked,
    NotEnrolled,
    TokenNotValid,
    TotpRequired,
)
from ninja_totp.http import login as http_login
from ninja_totp.http.issuers import CredentialIssuer, TokenIssuer, has_session

__all__ = ["create_login_router"]


def _two_steps(*always: Any) -> Routes:
    routes = Routes()
    credentials = schemas.credentials_schema()

    @routes.post("/create/", {200: schemas.TotpLoginStep}, InvalidCredentials, *always)
    async def create(request: HttpRequest, payload: credentials) -> Any:  # type: ignore[valid-type]
        """Check name and password.

        Logs in where that is enough; otherwise returns a challenge for the second step, or a token
        for setting up the second factor that the site requires. Unknown name, wrong password and
        inactive account get the same answer.
        """
        account = SecretStr(http_login.account_of(payload))
        return await as_anonymous(request, account, http_login.log_in, payload)

    @routes.post(
        "/totp/verify/",
        {200: schemas.TotpLoggedIn},
        InvalidChallenge,
        InvalidCode,
        NotEnrolled,
        Locked,
        *always,
    )
    async def totp_verify(request: HttpRequest, payload: schemas.TotpVerify) -> Any:
        """Finish the login with a code, a backup code, or two consecutive codes.

        A challenge works once, for a few minutes and a few attempts. Two consecutive codes are
        also accepted while codes are locked.
        """
        return await as_anonymous(
            request, payload.totp_challenge_token, http_login.verify_login, payload
        )

    @routes.post("/totp/create/", {201: schemas.TotpSetup}, InvalidChallenge, *always)
    async def totp_create(
        request: HttpRequest, payload: schemas.TotpRequiredEnrolment
    ) -> "Status[schemas.TotpSetup]":
        """Start the enrolment that the site requires, by the token of the first step."""
        token = payload.totp_enrolment_token
        work = http_login.begin_required_enrolment
        return Status(201, await as_anonymous(request, token, work, payload))

    @routes.post(
        "/totp/confirm/",
        {200: schemas.TotpConfirmation},
        InvalidChallenge,
        InvalidEnrolmentCode,
        NotEnrolled,
        Locked,
        *always,
    )
    async def totp_confirm(
        request: HttpRequest, payload: schemas.TotpRequiredEnrolmentCode
    ) -> schemas.TotpConfirmation:
        """Confirm the enrolment that the site requires, and log in.

        Returns the backup codes, for the only time.
        """
        token = payload.totp_enrolment_token
        return await as_anonymous(request, token, http_login.complete_required_enrolment, payload)

    return routes


_tokens = Routes()


@_tokens.post("/refresh/", {200: schemas.TotpRefreshed}, TokenNotValid, TotpRequired)
async def refresh(request: HttpRequest, payload: schemas.TotpRefresh) -> schemas.TotpRefreshed:
    """Exchange a refresh token. The new tokens are of the same standing, never a newer one.

    Refused where the site wants a second factor of the account by now, and it has none.
    """
    return await as_anonymous(request, payload.refresh, http_login.refresh, payload)


@_tokens.post("/verify/", {200: dict[str, str]}, TokenNotValid)
async def verify(request: HttpRequest, payload: schemas.TotpToken) -> dict[str, str]:
    """Check that a token is signed by this site, alive and not revoked."""
    await as_anonymous(request, payload.token, http_login.verify_token, payload)
    return {}


_session = Routes()


@_session.post("/delete/", {204: None}, CsrfFailed)
async def delete(request: HttpRequest) -> "Status[None]":
    """Log out. An open challenge of this browser dies with the session."""
    await as_anonymous(request, SecretStr(""), http_login.log_out)
    return Status(204, None)


def create_login_router(*, issuer: CredentialIssuer) -> TotpRouter:
    """Return a login router whose credentials `issuer` hands out: NinjaJWT(), SimpleJWT(),
    Session() or an object of your own of the shape of `CredentialIssuer`.
    """
    router = TotpRouter(issuer, auth=None, tags=["Logging in"])
    by_cookie = has_session(issuer)
    prefix = "session" if by_cookie else "jwt"
    _two_steps(*([CsrfFailed] if by_cookie else [])).add_to(router, prefix=prefix)
    if isinstance(issuer, TokenIssuer):
        _tokens.add_to(router, prefix=prefix)
    if by_cookie:
        _session.add_to(router, prefix=prefix)
    return router
