"""django-totp as its README mounts it."""

from django.urls import include, path

__all__ = ["urlpatterns"]

urlpatterns = [
    path("", include("django_totp.urls.jwt")),
    path("", include("django_totp.urls")),
]
