"""Both doors of one site, at /ninja/ and /drf/."""

from json import loads

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import NinjaJWT, create_login_router, create_recovery_router, create_router
from ninja_totp.services import Proof, complete_login
from ninja_totp.transactions import CalledInTransaction

__all__ = ["urlpatterns"]


@csrf_exempt
@transaction.atomic
def own_login(request: HttpRequest) -> JsonResponse:
    """Judge a code in a transaction, as a view under ATOMIC_REQUESTS does; an error undoes it."""
    body = loads(request.body)
    try:
        complete_login(body["totp_challenge_token"], Proof(otp_code=body["otp_code"]))
    except CalledInTransaction as error:
        return JsonResponse({"detail": str(error), "code": "called_in_transaction"}, status=409)
    return JsonResponse({})


api = NinjaAPI(title="Tortured")
api.add_router("/totp/", create_router(), auth=AsyncJWTAuth())
api.add_router("/totp/", create_recovery_router())
api.add_router("/jwt/", create_login_router(issuer=NinjaJWT()))

urlpatterns = [
    path("ninja/own-login/", own_login),
    path("drf/own-login/", own_login),
    path("ninja/", api.urls),
    path("drf/", include("drf_compat.urls")),
    path("drf/", include("drf_compat.urls.jwt")),
    path("drf/", include("drf_compat.urls.recovery")),
]
