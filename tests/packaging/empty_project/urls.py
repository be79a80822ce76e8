"""Replaces the urls.py of a project that `startproject` has just made."""

from django.urls import path
from ninja import NinjaAPI
from ninja.security import django_auth

from ninja_totp.api import Session, create_login_router, totp_router

api = NinjaAPI()
api.add_router("/totp/", totp_router, auth=django_auth)
api.add_router("/session/", create_login_router(issuer=Session()))

urlpatterns = [path("api/", api.urls)]
