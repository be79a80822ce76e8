"""The Ninja door and the floor."""

from django.urls import path
from ninja import NinjaAPI
from ninja_jwt.authentication import AsyncJWTAuth

from benchmarks.floor import router as floor_router
from ninja_totp.api import NinjaJWT, create_login_router, totp_router

__all__ = ["urlpatterns"]

api = NinjaAPI()
api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
api.add_router("/", floor_router)
urlpatterns = [path("", api.urls)]
