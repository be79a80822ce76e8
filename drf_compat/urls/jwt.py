"""Logging in with tokens of simplejwt: `path("api/", include("drf_compat.urls.jwt"))`."""

from django.urls import path

from drf_compat import token_views, views

urlpatterns = [
    path("jwt/create/", views.JWTCreateView.as_view(), name="jwt-create"),
    path("jwt/totp/verify/", views.JWTTOTP2FAVerifyView.as_view(), name="jwt-totp-verify"),
    path("jwt/totp/create/", views.JWTTOTPCreateView.as_view(), name="jwt-totp-create"),
    path("jwt/totp/confirm/", views.JWTTOTPConfirmView.as_view(), name="jwt-totp-confirm"),
    path("jwt/refresh/", token_views.JWTRefreshView.as_view(), name="jwt-refresh"),
    path("jwt/verify/", token_views.JWTVerifyView.as_view(), name="jwt-verify"),
]
