"""A project with two admins, one behind the second factor, and the page that asks for a code."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import path

from ninja_totp.views import VerifyView
from ninja_totp.views.admin_site import TotpAdminSite

guarded = TotpAdminSite("guarded")
for _model, _admin in admin.site._registry.items():
    guarded.register(_model, type(_admin))

urlpatterns = [
    path("admin/", admin.site.urls),
    path("guarded/", guarded.urls),
    path("login/", LoginView.as_view(template_name="admin/login.html")),
    path("verify/", VerifyView.as_view()),
    path("favicon.ico", lambda request: HttpResponse(status=204)),
]
