"""The demo's REST framework API: the views of drf_compat, and the same danger zone."""

from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from demo.danger import MAX_AGE_SECONDS, would_be_gone
from drf_compat.permissions import SecondFactor

__all__ = ["DangerView", "urlpatterns"]


class DangerView(APIView):
    """Pretends to delete everything; needs a second factor of the last minute."""

    # Any: an object that is called like the classes which REST framework's types ask for.
    permission_classes: list[Any] = [SecondFactor(max_age=MAX_AGE_SECONDS)]

    def post(self, request: Request) -> Response:
        """Say what would be deleted."""
        return Response(would_be_gone(cast("AbstractBaseUser", request.user)))


urlpatterns = [
    path("", include("drf_compat.urls")),
    path("", include("drf_compat.urls.jwt")),
    path("", include("drf_compat.urls.recovery")),
    path("danger/", DangerView.as_view(), name="rest-danger"),
]
