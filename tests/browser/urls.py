"""A project with an admin, and the page that asks for a code in two kinds of clothes."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import path

from ninja_totp.views import VerifyView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(template_name="admin/login.html")),
    path("verify/", VerifyView.as_view()),
    path("admin-verify/", VerifyView.as_view(template_name="admin/ninja_totp/verify.html")),
    path("favicon.ico", lambda request: HttpResponse(status=204)),
]
