"""The URLs of django-totp's example project."""

from django.urls import include, path

urlpatterns = [
    path("api/auth/", include("drf_compat.urls.jwt")),
    path("api/auth/", include("drf_compat.urls")),
]
