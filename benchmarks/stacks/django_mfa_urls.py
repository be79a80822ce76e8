"""django-mfa's JSON API, and the pages that its middleware reverses."""

from django.urls import include, path

__all__ = ["urlpatterns"]

urlpatterns = [
    path("mfa/", include("django_mfa.urls")),
    path("api/mfa/", include("django_mfa.api.urls")),
]
