"""Logging in with tokens of simplejwt: `path("api/", include("drf_compat.urls.jwt"))`."""

from django.urls import path

from drf_compat.token_views import JWTRefreshView, JWTVerifyView
from drf_compat.views import (
    JWTCreateView,
    JWTTOTP2FAVerifyView,
    JWTTOTPConfirmView,
    JWTTOTPCreateView,
)

urlpatterns = [
    path("jwt/create/", JWTCreateView.as_view(), name="jwt-create"),
    path("jwt/totp/verify/", JWTTOTP2FAVerifyView.as_view(), name="jwt-totp-verify"),
    path("jwt/totp/create/", JWTTOTPCreateView.as_view(), name="jwt-totp-create"),
    path("jwt/totp/confirm/", JWTTOTPConfirmView.as_view(), name="jwt-totp-confirm"),
    path("jwt/refresh/", JWTRefreshView.as_view(), name="jwt-refresh"),
    path("jwt/verify/", JWTVerifyView.as_view(), name="jwt-verify"),
]
