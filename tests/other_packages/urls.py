"""What the packages serve, each as its documentation mounts it, and a page of the project's."""

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import include, path

from ninja_totp.views import VerifyView

__all__ = ["SECRET"]

SECRET = "what only Ada may read"


def _page(request):
    return HttpResponse(f"{SECRET}: {request.user}")


_reset = PasswordResetConfirmView.as_view(
    post_reset_login=True,
    post_reset_login_backend="django.contrib.auth.backends.ModelBackend",
    success_url="/members/",
)

urlpatterns = [
    path("", include("tests.urls")),
    path("verify/", VerifyView.as_view(), name="verify"),
    path("members/", login_required(_page)),
    path("reports/", staff_member_required(_page)),
    path("reset/<uidb64>/<token>/", _reset, name="password_reset_confirm"),
    path("admin/doc/", include("django.contrib.admindocs.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("social/", include("social_django.urls")),
    path("hijack/", include("hijack.urls")),
    path("rest/", include("dj_rest_auth.urls")),
    path("knox/", include("knox.urls")),
]
