"""The views at the documented paths. Each validates, calls the use case and shows its answer.

They are synchronous and take the project's authentication, parsers, renderers, versioning and
exception handler. Errors are shaped in `errors.py`.
"""

import math
from typing import Any, NoReturn, cast

from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from pydantic import BaseModel
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from drf_compat import serializers
from drf_compat.errors import as_api_exception
from drf_compat.throttle import TotpAnonThrottle, TotpUserThrottle
from ninja_totp import door
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import Throttled
from ninja_totp.issuers import Automatic, CredentialIssuer, NinjaJWT, SimpleJWT

__all__ = ["JWTCreateView", "JWTVerifyView", "TotpViewSet"]

# How long a challenge lives where TOTP_TOKEN_MAX_AGE is not set, as documented.
CHALLENGE_LIFETIME_SECONDS = 120


class TotpAPIMixin(APIView):
    """What all views of this door owe: our errors, no cache, no rollback of a counted failure."""

    issuer: CredentialIssuer = Automatic(SimpleJWT, NinjaJWT)

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        """Return the view, exempt from ATOMIC_REQUESTS.

        An error answer would roll the failure back that it was counted for.
        """
        view: Any = super().as_view(*args, **kwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def handle_exception(self, exc: Exception) -> Response:
        """Let Django REST Framework, and the project's handler, see an exception of their kind."""
        return super().handle_exception(as_api_exception(exc))

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        """Refuse a request above the rate, in the words of both doors."""
        raise Throttled(retry_after=math.ceil(wait or 1))

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep every answer out of every cache: it carries a secret, a code or a token."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


def _answer(answer: BaseModel, status_code: int = status.HTTP_200_OK) -> Response:
    return Response(answer.model_dump(exclude_unset=True), status=status_code)


class TotpViewSet(TotpAPIMixin, GenericViewSet[Any]):
    """Management of the second factor by a signed-in user."""

    permission_classes = [IsAuthenticated]
    throttle_classes = [TotpUserThrottle]
    serializer_classes: dict[str, type[Serializer[Any]]] = {
        "confirm": serializers.TotpConfirmSerializer,
        "disable": serializers.OptionalProofSerializer,
        "rotate_backup_codes": serializers.OptionalProofSerializer,
        "replace": serializers.OptionalProofSerializer,
        "verify": serializers.ProofSerializer,
    }

    def get_serializer_class(self) -> type[Serializer[Any]]:
        """Return the serializer of the call's input."""
        return self.serializer_classes.get(self.action, serializers.EmptySerializer)

    def _caller(self) -> door.Caller:
        # A Request hands everything on to Django's own, which the use cases expect.
        request = cast("HttpRequest", self.request)
        return door.Caller(
            request,
            cast("Any", self.request.user),
            self.issuer,
            trusts_unknown=not get_settings().require_code,
        )

    def _payload(self) -> Any:
        serializer: Any = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.payload()

    def enrol(self, request: Request, **_: Any) -> Response:
        """Start an enrolment: secret and QR code, for the only time."""
        return _answer(door.create(self._caller()), status.HTTP_201_CREATED)

    def confirm(self, request: Request, **_: Any) -> Response:
        """Confirm an enrolment or a replacement; returns the backup codes."""
        return _answer(door.confirm(self._caller(), self._payload()))

    def disable(self, request: Request, **_: Any) -> Response:
        """Switch the second factor off."""
        door.disable(self._caller(), self._payload())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def rotate_backup_codes(self, request: Request, **_: Any) -> Response:
        """Replace the backup codes; returns the new ones."""
        return _answer(door.rotate_backup_codes(self._caller(), self._payload()))

    def replace(self, request: Request, **_: Any) -> Response:
        """Start the replacement of the authenticator; the old one works until `confirm`."""
        return _answer(door.replace(self._caller(), self._payload()), status.HTTP_201_CREATED)

    def verify(self, request: Request, **_: Any) -> Response:
        """Prove the second factor again (step-up)."""
        return _answer(door.verify(self._caller(), self._payload()))

    def totp_status(self, request: Request, **_: Any) -> Response:
        """Tell the state of the caller's own second factor."""
        return _answer(door.status(self._caller()))

    def qr_svg(self, request: Request, **_: Any) -> HttpResponseBase:
        """Draw the pending secret's QR code as an SVG image."""
        return HttpResponse(door.qr_svg(self._caller()), content_type="image/svg+xml")

    def qr_png(self, request: Request, **_: Any) -> HttpResponseBase:
        """Draw the pending secret's QR code as a PNG image."""
        return HttpResponse(door.qr_png(self._caller()), content_type="image/png")


class _LoginView(TotpAPIMixin):
    # Whoever logs in shows a name and a password; an old token beside them does not matter.
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [TotpUserThrottle, TotpAnonThrottle]
    serializer_class: type[Serializer[Any]]

    def get_issuer(self) -> CredentialIssuer:
        """Return what hands out the credentials."""
        return SimpleJWT()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Serializer[Any]:
        """Return the serializer, which the browsable API draws as a form."""
        return self.serializer_class(*args, **kwargs)

    def _payload(self) -> Any:
        serializer: Any = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.payload()


class JWTCreateView(_LoginView):
    """First step of a login: name and password."""

    serializer_class = serializers.CredentialsSerializer

    def post(self, request: Request, **_: Any) -> Response:
        """Log in, or return a challenge for the second step."""
        django_request = cast("HttpRequest", request)
        answer = door.log_in(
            django_request,
            self.get_issuer(),
            self._payload(),
            lifetime_seconds=CHALLENGE_LIFETIME_SECONDS,
        )
        return _answer(answer)


class JWTVerifyView(_LoginView):
    """Second step of a login: the challenge and a code."""

    serializer_class = serializers.LoginVerifySerializer

    def post(self, request: Request, **_: Any) -> Response:
        """Finish the login."""
        django_request = cast("HttpRequest", request)
        return _answer(door.verify_login(django_request, self.get_issuer(), self._payload()))
