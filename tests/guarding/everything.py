"""Every way in which an endpoint can be guarded, for whichever credential comes."""

from django.urls import path
from ninja import NinjaAPI
from ninja.security import django_auth
from ninja_jwt.authentication import AsyncJWTAuth, JWTAuth
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_compat.permissions import SecondFactor
from ninja_totp.api import handle_totp_errors, second_factor
from tests.guarding.urls import urlpatterns as others

__all__ = ["ENDPOINTS"]

MIDDLEWARE = "ninja_totp.middleware.SecondFactorMiddleware"

api = NinjaAPI(urls_namespace="everything", title="everything")
handle_totp_errors(api)


def _either(kind, **options):
    return [second_factor(kind(), **options), second_factor(django_auth, **options)]


def _done(request):
    return {}


async def _adone(request):
    return {}


api.post("/minute", auth=_either(JWTAuth, max_age=60))(_done)
api.post("/minute-async", auth=_either(AsyncJWTAuth, max_age=60))(_adone)
api.post("/usual", auth=_either(JWTAuth))(_done)
api.post("/usual-async", auth=_either(AsyncJWTAuth))(_adone)


class _View(APIView):
    def post(self, request):
        return Response({})


urlpatterns = [
    *others,
    path("everything/", api.urls),
    path("drf-minute", _View.as_view(permission_classes=[SecondFactor(max_age=60)])),
    path("drf-usual", _View.as_view(permission_classes=[SecondFactor])),
]

_CHANGES = ("rotate_backup_codes", "replace")
_LOOKS = ("status", "events", "trusted_devices", "authenticators")

# By the columns of docs/reference/who-gets-in.md. `disable` comes last, and at one door: nothing is
# left to change after it (tests/contract/test_standing.py asks both).
ENDPOINTS = {
    "minute": [
        ("POST", url) for url in ("/everything/minute", "/everything/minute-async", "/drf-minute")
    ],
    "usual": [
        ("POST", url) for url in ("/everything/usual", "/everything/usual-async", "/drf-usual")
    ],
    "page": [("POST", "/page"), ("POST", "/class-page")],
    "site": [("GET", "/stock/"), ("GET", "/members")],
    "change": [
        *(("POST", f"/{door}/totp/{call}/") for door in ("ninja", "drf") for call in _CHANGES),
        ("POST", "/ninja/totp/disable/"),
    ],
    "look": [("GET", f"/{door}/totp/{call}/") for door in ("ninja", "drf") for call in _LOOKS],
}
