"""Refreshing and checking tokens: simplejwt's own views, as django-totp uses them.

Serializers of a project (SIMPLE_JWT) are in use here too. What a token says of the second factor
is copied by the library as it is, so that a refresh makes nothing newer or stronger (RFC 9470,
6.1).
"""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.views import TokenRefreshView, TokenVerifyView

from drf_compat.answering import Guarded
from drf_compat.throttle import TotpAnonThrottle, TotpUserThrottle

__all__ = ["JWTRefreshView", "JWTVerifyView"]


class JWTRefreshView(Guarded, TokenRefreshView):
    """Exchange a refresh token."""

    throttle_classes = [TotpUserThrottle, TotpAnonThrottle]
    account_field = "refresh"

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return new tokens of the same standing."""
        try:
            response: Response = super().post(request, *args, **kwargs)
        except ObjectDoesNotExist:  # the library looks the user up, who is gone
            raise InvalidToken from None
        return response


class JWTVerifyView(Guarded, TokenVerifyView):
    """Check a token."""

    throttle_classes = [TotpUserThrottle, TotpAnonThrottle]
    account_field = "token"
