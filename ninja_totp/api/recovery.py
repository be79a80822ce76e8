"""The router for users who lost their authenticator: a link by e-mail, and the password.

    api.add_router("/totp/", recovery_router)

No caller is authenticated here, and recovery logs no user in.
"""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Router, Status

from ninja_totp import schemas
from ninja_totp.api.routes import Endpoints, new_router
from ninja_totp.core.errors import InvalidRecovery, RecoveryDisabled
from ninja_totp.http import recovery as http_recovery


def create_recovery_router() -> Router:
    """Return a router of all calls, for `NinjaAPI.add_router`."""
    router = new_router(auth=None, tags=["Recovery"])
    endpoints = Endpoints(router, prefix="totp")
    _add_request(endpoints)
    _add_use_of_link(endpoints)
    return router


def _add_request(to: Endpoints) -> None:
    @to.post("/recovery/", {200: schemas.TotpRecoveryAsked}, RecoveryDisabled)
    async def recovery(
        request: HttpRequest, payload: schemas.TotpRecoveryRequest
    ) -> schemas.TotpRecoveryAsked:
        """Ask for a link.

        Every caller gets the same answer, before anything is looked up. If there is such an account
        and it has a second factor, a mail is sent to it; one for each account and cool-down.
        """
        return await sync_to_async(http_recovery.request_recovery)(request, payload)


def _add_use_of_link(to: Endpoints) -> None:
    @to.post("/recovery_confirm/", {204: None}, *http_recovery.CONFIRM_ERRORS)
    async def recovery_confirm(
        request: HttpRequest, payload: schemas.TotpRecoveryConfirm
    ) -> "Status[None]":
        """Remove the second factor by the link and the account's password, and set a new one.

        Ends the sessions of the account and mails a notice; does not log in. A link works once, for
        an hour, and for a few passwords.
        """
        await sync_to_async(http_recovery.confirm_recovery)(request, payload, api="ninja")
        return Status(204, None)

    @to.post("/recovery_cancel/", {204: None}, InvalidRecovery, RecoveryDisabled)
    async def recovery_cancel(
        request: HttpRequest, payload: schemas.TotpRecoveryCancel
    ) -> "Status[None]":
        """Cancel every recovery link of an account; any of its links will do."""
        await sync_to_async(http_recovery.cancel_recovery)(request, payload)
        return Status(204, None)


recovery_router = create_recovery_router()
"""`create_recovery_router()`, ready to be mounted."""
