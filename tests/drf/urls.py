"""This door alone, as a project includes it."""

from django.urls import include, path

urlpatterns = [
    path("drf/", include("drf_compat.urls")),
    path("drf/", include("drf_compat.urls.jwt")),
]
