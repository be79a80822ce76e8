"""Logging in with tokens of djangorestframework-simplejwt, whose own views refresh and verify."""

from django.urls import path
from django.views.decorators.cache import cache_control
from rest_framework_simplejwt.views import TokenRefreshView, TokenVerifyView

from drf_compat.views import JWTCreateView, JWTVerifyView

__all__ = ["urlpatterns"]

_uncached = cache_control(no_store=True)

urlpatterns = [
    path("jwt/create/", JWTCreateView.as_view(), name="jwt-create"),
    path("jwt/totp/verify/", JWTVerifyView.as_view(), name="jwt-totp-verify"),
    path("jwt/refresh/", _uncached(TokenRefreshView.as_view()), name="jwt-refresh"),
    path("jwt/verify/", _uncached(TokenVerifyView.as_view()), name="jwt-verify"),
]
