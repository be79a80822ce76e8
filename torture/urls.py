"""Both doors of one site, at /ninja/ and /drf/."""

from django.urls import include, path
from ninja import NinjaAPI
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import NinjaJWT, create_login_router, create_recovery_router, create_router

__all__ = ["urlpatterns"]

api = NinjaAPI(title="Tortured")
api.add_router("/totp/", create_router(), auth=AsyncJWTAuth())
api.add_router("/totp/", create_recovery_router())
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))

urlpatterns = [
    path("ninja/", api.urls),
    path("drf/", include("drf_compat.urls")),
    path("drf/", include("drf_compat.urls.jwt")),
    path("drf/", include("drf_compat.urls.recovery")),
]
