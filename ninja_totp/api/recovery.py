"""The router for whoever lost the authenticator: a link by e-mail, and the password.

    api.add_router("/totp/", recovery_router)

Nobody is authenticated here, and nobody is logged in by it.
"""

from django.http import HttpRequest
from ninja import Status
from pydantic import SecretStr

from ninja_totp import schemas
from ninja_totp.api.hop import as_anonymous
from ninja_totp.api.operation import TotpRouter
from ninja_totp.api.routes import Routes
from ninja_totp.core.errors import (
    InvalidRecovery,
    InvalidRecoveryPassword,
    RecoveryDisabled,
    RecoveryNotYet,
)
from ninja_totp.http import recovery as http_recovery
from ninja_totp.http.issuers import Automatic

__all__ = ["create_recovery_router", "recovery_router"]

_routes = Routes()


@_routes.post("/recovery/", {200: schemas.TotpRecoveryAsked}, RecoveryDisabled)
async def recovery(
    request: HttpRequest, payload: schemas.TotpRecoveryRequest
) -> schemas.TotpRecoveryAsked:
    """Ask for a link.

    Whoever asks gets the same answer, before anything is looked up. If there is such an account
    and it has a second factor, a mail is sent to it; one for each account and cool-down.
    """
    return await as_anonymous(
        request, SecretStr(payload.email), http_recovery.request_recovery, payload
    )


@_routes.post(
    "/recovery_confirm/",
    {204: None},
    InvalidRecovery,
    InvalidRecoveryPassword,
    RecoveryNotYet,
    RecoveryDisabled,
)
async def recovery_confirm(
    request: HttpRequest, payload: schemas.TotpRecoveryConfirm
) -> "Status[None]":
    """Remove the second factor by the link and the account's password.

    Ends the sessions of the account and mails a notice; logs nobody in. A link works once, for an
    hour, and for a few passwords.
    """
    await as_anonymous(request, SecretStr(payload.uid), http_recovery.confirm_recovery, payload)
    return Status(204, None)


@_routes.post("/recovery_cancel/", {204: None}, InvalidRecovery, RecoveryDisabled)
async def recovery_cancel(
    request: HttpRequest, payload: schemas.TotpRecoveryCancel
) -> "Status[None]":
    """Make every link of an account void, by whoever holds one."""
    await as_anonymous(request, SecretStr(payload.uid), http_recovery.cancel_recovery, payload)
    return Status(204, None)


def create_recovery_router() -> TotpRouter:
    """Return a router of all calls, for `NinjaAPI.add_router`."""
    # The issuer stands for nothing here: no credential is read, and none handed out.
    router = TotpRouter(Automatic(), auth=None, tags=["Recovery"])
    _routes.add_to(router, prefix="totp")
    return router


recovery_router = create_recovery_router()
"""`create_recovery_router()`, ready to be mounted."""
