"""drf-totp as its README mounts it."""

from django.urls import include, path

__all__ = ["urlpatterns"]

urlpatterns = [path("", include("drf_totp.urls"))]
