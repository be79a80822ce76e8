"""The demo's addresses: the page at /, the API under /api/ (its docs at /api/docs) and /drf/.

A session of a user with 2FA opens the admin and the API docs once it has entered a code.
"""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import RedirectView, TemplateView

from demo.api import api
from demo.authenticator import shell_command
from demo.outbox import OutboxView
from demo.users import PASSWORD, USERS
from ninja_totp.views import VerifyView

_page = TemplateView.as_view(
    template_name="demo/page.html",
    extra_context={
        "authenticator_command": shell_command(),
        "users": USERS,
        "password": PASSWORD,
    },
)
_verify = VerifyView.as_view(template_name="admin/ninja_totp/verify.html")

urlpatterns = [
    # The page itself keeps tokens; a client with sessions needs the cookie before a POST.
    path("", ensure_csrf_cookie(_page), name="page"),
    # Where the link of the recovery mail leads: the script of the page reads the address.
    path("recover/<uid>/<token>/", _page, name="recover"),
    path("outbox/", OutboxView.as_view(), name="outbox"),
    # The pages of the admin name no icon, so browsers ask for this one.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}demo/icon.svg")),
    path("verify/", _verify, name="verify"),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("drf/", include("demo.rest")),
]
