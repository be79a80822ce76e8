"""The URLs of the test project: each door as a host would mount it."""

from importlib.util import find_spec

from django.urls import include, path
from ninja import NinjaAPI
from ninja.security import django_auth
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import (
    NinjaJWT,
    Session,
    create_login_router,
    create_recovery_router,
    create_router,
    handle_totp_errors,
)

api = NinjaAPI(title="ninja-totp tests")
handle_totp_errors(api)
api.add_router("/totp/", create_router(), auth=[AsyncJWTAuth(), django_auth])
api.add_router("/totp/", create_recovery_router())
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))
api.add_router("/session/", create_login_router(issuer=Session()))

urlpatterns = [path("ninja/", api.urls)]

# A project without Django REST Framework has the first door only.
if find_spec("drf_compat") and find_spec("drf_compat.urls"):
    urlpatterns += [
        path("drf/", include("drf_compat.urls")),
        path("drf/", include("drf_compat.urls.jwt")),
        path("drf/", include("drf_compat.urls.recovery")),
    ]
