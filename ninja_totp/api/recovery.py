"""The router for account recovery (lost phone): a link by email, and the password.

    api.add_router("/totp/", recovery_router)

The caller is not authenticated here, and recovery does not log in.
"""

from django.http import HttpRequest
from ninja import Router

from ninja_totp.api.routes import Endpoints, new_router
from ninja_totp.http import recovery as http_recovery
from ninja_totp.http.document import tag_of
from ninja_totp.schemas import requests, responses


def create_recovery_router() -> Router:
    """Return a router with all calls, for `NinjaAPI.add_router`."""
    router = new_router(auth=None, tags=[tag_of("totp_recovery")])
    to = Endpoints(router, prefix="totp")

    @to("POST", "/recovery/", http_recovery.request_recovery)
    def recovery(
        request: HttpRequest, payload: requests.TotpRecoveryRequest
    ) -> responses.TotpRecoveryAsked:
        return http_recovery.request_recovery(request, payload)

    @to("POST", "/recovery_confirm/", http_recovery.confirm_recovery)
    def recovery_confirm(request: HttpRequest, payload: requests.TotpRecoveryConfirm) -> None:
        http_recovery.confirm_recovery(request, payload, api="ninja")

    @to("POST", "/recovery_cancel/", http_recovery.cancel_recovery)
    def recovery_cancel(request: HttpRequest, payload: requests.TotpRecoveryCancel) -> None:
        http_recovery.cancel_recovery(request, payload, api="ninja")

    return router


recovery_router = create_recovery_router()
"""`create_recovery_router()`, ready to be mounted."""
