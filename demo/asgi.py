"""The ASGI application: Django, with the static files of all apps served by the same process.

Django's own static files handler needs neither DEBUG nor `collectstatic`: it looks into the
apps' `static` folders, which is how Ninja's copy of Swagger UI is found as well. It reads whole
files into memory and sets no far-future caching. A real site puts a web server in front.
"""

import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse

__all__ = ["application"]


class _StaticFiles(ASGIStaticFilesHandler):
    def serve(self, request: HttpRequest) -> HttpResponse | FileResponse:
        try:
            response = super().serve(request)
        except SuspiciousFileOperation:  # "/static/../x": Django lets it through as a 500
            raise Http404 from None
        # File names carry no hash here. Without this, a browser may run last week's script
        # against today's page.
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings")
application = _StaticFiles(get_asgi_application())
