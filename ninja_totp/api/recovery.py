"""The router for account recovery (lost phone): a link by email, and the password.

    api.add_router("/totp/", recovery_router)

The caller is not authenticated here, and recovery does not log in.
"""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Router, Status

from ninja_totp.api.routes import Endpoints, new_router
from ninja_totp.http import recovery as http_recovery
from ninja_totp.http.document import tag_of
from ninja_totp.schemas import requests, responses


def create_recovery_router() -> Router:
    """Return a router with all calls, for `NinjaAPI.add_router`."""
    router = new_router(auth=None, tags=[tag_of("totp_recovery")])
    endpoints = Endpoints(router, prefix="totp")
    _add_request(endpoints)
    _add_use_of_link(endpoints)
    return router


def _add_request(to: Endpoints) -> None:
    @to("POST", "/recovery/", http_recovery.request_recovery)
    async def recovery(
        request: HttpRequest, payload: requests.TotpRecoveryRequest
    ) -> responses.TotpRecoveryAsked:
        return await sync_to_async(http_recovery.request_recovery)(request, payload)


def _add_use_of_link(to: Endpoints) -> None:
    @to("POST", "/recovery_confirm/", http_recovery.confirm_recovery)
    async def recovery_confirm(
        request: HttpRequest, payload: requests.TotpRecoveryConfirm
    ) -> "Status[None]":
        await sync_to_async(http_recovery.confirm_recovery)(request, payload, api="ninja")
        return Status(204, None)

    @to("POST", "/recovery_cancel/", http_recovery.cancel_recovery)
    async def recovery_cancel(
        request: HttpRequest, payload: requests.TotpRecoveryCancel
    ) -> "Status[None]":
        await sync_to_async(http_recovery.cancel_recovery)(request, payload, api="ninja")
        return Status(204, None)


recovery_router = create_recovery_router()
"""`create_recovery_router()`, ready to be mounted."""
