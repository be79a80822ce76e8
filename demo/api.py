"""The demo's API: the routers of ninja_totp, mounted as any project mounts them.

The page logs in with JWT. The session endpoints are for a client that keeps cookies. The last
endpoint is one of the project itself, guarded for both kinds of client.
"""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import django_auth
from ninja_jwt.authentication import AsyncJWTAuth

from demo.danger import MAX_AGE_SECONDS, would_be_gone
from demo.security_headers import allow_swagger_styles
from ninja_totp.api import (
    NinjaJWT,
    Session,
    create_login_router,
    handle_totp_errors,
    recovery_router,
    second_factor,
    step_up_responses,
    totp_router,
)

__all__ = ["api"]

# Each router has an `auth` of its own; for that of the API, the page of the docs sends CSRF tokens.
api = NinjaAPI(
    title="ninja-totp demo", version="1", auth=django_auth, docs_decorator=allow_swagger_styles
)
api.add_router("/totp/", totp_router, auth=[AsyncJWTAuth(), django_auth])
api.add_router("/totp/", recovery_router)
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
api.add_router("/session/", create_login_router(issuer=Session()))
handle_totp_errors(api)


@api.post(
    "/danger/",
    auth=[
        second_factor(AsyncJWTAuth(), max_age=MAX_AGE_SECONDS),
        second_factor(django_auth, max_age=MAX_AGE_SECONDS),
    ],
    response={200: dict[str, str], **step_up_responses},
    tags=["Danger zone"],
)
async def danger(request: HttpRequest) -> dict[str, str]:
    """Pretend to delete everything; needs a second factor of the last minute."""
    user: Any = request.auth  # type: ignore[attr-defined]  # set by the authentication
    return would_be_gone(user)
