"""The demo's two addresses: the page at / and the API under /api/ (its docs at /api/docs)."""

from django.urls import path
from django.views.generic import TemplateView

from demo.api import api
from demo.authenticator import shell_command

_page = TemplateView.as_view(
    template_name="index.html", extra_context={"authenticator_command": shell_command()}
)

urlpatterns = [
    path("", _page, name="page"),
    path("api/", api.urls),
]
