"""The demo's addresses: the page at /, the API under /api/ (its docs at /api/docs) and /drf/.

A session that has a factor and has not proved it gets to /verify/ alone.
"""

from django.urls import include, path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import TemplateView

from demo.api import api
from demo.authenticator import shell_command
from ninja_totp.views import VerifyView

_page = TemplateView.as_view(
    template_name="index.html", extra_context={"authenticator_command": shell_command()}
)

urlpatterns = [
    # The page itself keeps tokens; a client of the session doors needs the cookie before a POST.
    path("", ensure_csrf_cookie(_page), name="page"),
    path("verify/", VerifyView.as_view(), name="verify"),
    path("api/", api.urls),
    path("drf/", include("demo.rest")),
]
