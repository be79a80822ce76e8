"""The demo's API: the routers of ninja_totp, mounted as any project mounts them.

The page uses the JWT doors. The session door stands beside it to be tried in the API docs. The
last endpoint is what a project guards of its own.
"""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja_jwt.authentication import AsyncJWTAuth

from demo.security_headers import allow_swagger_styles
from ninja_totp.api import (
    NinjaJWT,
    Session,
    create_login_router,
    handle_totp_errors,
    second_factor,
    totp_router,
)

__all__ = ["api"]

api = NinjaAPI(title="ninja-totp demo", version="1", docs_decorator=allow_swagger_styles)
api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
api.add_router("/session/", create_login_router(issuer=Session()))
handle_totp_errors(api)


@api.post("/danger/", auth=second_factor(AsyncJWTAuth(), max_age=60), tags=["Danger zone"])
async def danger(request: HttpRequest) -> dict[str, str]:
    """Pretend to delete everything; needs a second factor of the last minute."""
    user: Any = request.auth  # type: ignore[attr-defined]  # set by the authentication
    return {"detail": f"Everything of {user.get_username()} would be gone now."}
