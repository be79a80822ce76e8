"""The routers of the test project on a NinjaExtraAPI."""

from typing import Any

from django.urls import path
from ninja.security import django_auth
from ninja_extra import ControllerBase, NinjaExtraAPI, api_controller, http_get
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import (
    NinjaJWT,
    Session,
    create_login_router,
    create_recovery_router,
    create_router,
    handle_totp_errors,
    second_factor,
    step_up_responses,
)
from tests import urls


@api_controller("/accounts")
class AccountController(ControllerBase):
    """An endpoint of the project's own, which wants a recent second factor."""

    @http_get(
        "/close/",
        auth=second_factor(max_age=300)(AsyncJWTAuth()),
        response={200: str, **step_up_responses},
    )
    async def close(self) -> Any:
        """Close the account."""
        return "closed"


api = NinjaExtraAPI(urls_namespace="extra")
handle_totp_errors(api)
api.register_controllers(AccountController)
api.add_router("/totp/", create_router(), auth=[AsyncJWTAuth(), django_auth])
api.add_router("/totp/", create_recovery_router())
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
api.add_router("/session/", create_login_router(issuer=Session()))

urlpatterns = [path("ninja/", api.urls), *urls.urlpatterns[1:]]
