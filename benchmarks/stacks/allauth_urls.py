"""allauth's headless API."""

from django.urls import include, path

__all__ = ["urlpatterns"]

urlpatterns = [path("_allauth/", include("allauth.headless.urls"))]
