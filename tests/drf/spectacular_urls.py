"""The URLs of that project: the API, and a view of its own that wants a recent second factor."""

from django.urls import path
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_compat.permissions import SecondFactor
from drf_compat.spectacular import step_up_responses
from tests import urls


class Transfers(APIView):
    """Transfers of money."""

    permission_classes = [IsAuthenticated, SecondFactor(max_age=300)]

    @extend_schema(request=None, responses={200: OpenApiTypes.STR, **step_up_responses})
    def post(self, request):
        """Transfer money."""
        return Response("sent")


urlpatterns = [*urls.urlpatterns, path("transfers/", Transfers.as_view())]
