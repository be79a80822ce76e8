"""The demo's two addresses: the page at / and the API under /api/ (its docs at /api/docs)."""

from django.urls import path
from django.views.generic import TemplateView

from demo.api import api

urlpatterns = [
    path("", TemplateView.as_view(template_name="index.html"), name="page"),
    path("api/", api.urls),
]
