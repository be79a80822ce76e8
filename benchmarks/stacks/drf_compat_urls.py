"""drf_compat, mounted as django-totp is."""

from django.urls import include, path

__all__ = ["urlpatterns"]

urlpatterns = [
    path("", include("drf_compat.urls.jwt")),
    path("", include("drf_compat.urls")),
]
