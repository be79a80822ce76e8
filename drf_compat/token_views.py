"""Refreshing and checking tokens: simplejwt's own views, as django-totp uses them.

The library copies what a token says of the second factor: a refresh makes nothing newer or
stronger (RFC 9470, 6.1). A token from before a recovery of its user is refused.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import UntypedToken
from rest_framework_simplejwt.views import TokenRefreshView, TokenVerifyView

from drf_compat.serializers import CookieRefreshSerializer
from drf_compat.views import LoginView, TotpAPIView, described, endpoint
from ninja_totp.http import login
from ninja_totp.http.endpoint import limit_rate
from ninja_totp.http.issuers import SimpleJWT
from ninja_totp.schemas import requests


class JWTRefreshView(TotpAPIView, TokenRefreshView):
    """Refresh the tokens."""

    @described("jwt_refresh", login.refresh, shown=requests.TotpRefresh)
    @sensitive_variables()
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _limit_rate(request, "refresh", call="refresh")
        try:
            response: Response = super().post(request, *args, **kwargs)
        except ObjectDoesNotExist:  # the library looks up the user, who is deleted
            raise InvalidToken from None
        # The library has accepted it, but the new tokens are not sent yet. Check the new token too:
        # a serializer of the project may have taken the old one from elsewhere.
        _require_not_revoked(_sent(request, "refresh"))
        access = response.data.get("access")
        _require_not_revoked(access)
        if access is not None:
            SimpleJWT().require_enrolled_in_time(UntypedToken(access, verify=False))
        return response


class JWTCookieRefreshView(LoginView):
    """Refresh the tokens with the cookie of the issuer from `get_issuer`.

    Mount it instead of `JWTRefreshView`. A token in the body takes precedence over the cookie.
    """

    post = endpoint(login.refresh, CookieRefreshSerializer, name="jwt_refresh")


class JWTVerifyView(TotpAPIView, TokenVerifyView):
    """Check a token."""

    @described("jwt_verify", login.verify_token, shown=requests.TotpToken)
    @sensitive_variables()
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _limit_rate(request, "token", call="verify_token")
        response: Response = super().post(request, *args, **kwargs)
        _require_not_revoked(_sent(request, "token"))
        return response


def _sent(request: Request, name: str) -> Any:  # Any: it comes from outside
    # Read again after the library: a serializer of the project may have put it there.
    body: Any = request.data
    return body.get(name) if isinstance(body, Mapping) else None


@sensitive_variables()
def _limit_rate(request: Request, name: str, *, call: str) -> None:
    token = _sent(request, name)
    if isinstance(token, str):
        limit_rate(call, token)


@sensitive_variables()
def _require_not_revoked(token: Any) -> None:
    if token is not None:  # and the library has verified it
        SimpleJWT().require_not_revoked(UntypedToken(token, verify=False))
