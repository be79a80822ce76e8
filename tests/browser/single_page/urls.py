"""The API under /api/ and the page's files everywhere else."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.urls import path, re_path
from django.views.static import serve

from demo import danger

danger.MAX_AGE_SECONDS = settings.DANGER_MAX_AGE
from demo.api import api  # noqa: E402  # which reads it as it is imported


def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with a file of the page, under the policy that the tutorial tells to set."""
    response: FileResponse = serve(
        request, name or "index.html", document_root=settings.SINGLE_PAGE
    )
    response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
    return response


urlpatterns = [path("api/", api.urls), re_path("^(?P<name>.*)$", file)]
