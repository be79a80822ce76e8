"""Log in with tokens of simplejwt, and set up 2FA that the site requires.

A project can subclass a view to change its issuer, serializer or throttles. The base classes come
first. Parsers, renderers, versioning and the exception handler are those of the project.
"""

import math
from typing import Any, NoReturn, TypeVar, cast

from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from pydantic import BaseModel
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from drf_compat import serializers
from drf_compat.auth import CHALLENGE_LIFETIME_SECONDS
from drf_compat.errors import as_framework_error, complete
from drf_compat.schema import described
from ninja_totp.core.errors import Throttled
from ninja_totp.http import login
from ninja_totp.http.endpoint import refuse_large_body
from ninja_totp.http.issuers import CredentialIssuer, SimpleJWT
from ninja_totp.http.login import Client
from ninja_totp.schemas import requests
from ninja_totp.transactions import outside_of_requests

S = TypeVar("S", bound=BaseModel)

_DECORATORS: list[Any] = [cache_control(no_store=True), sensitive_post_parameters()]


@method_decorator(_DECORATORS, name="dispatch")
class TotpAPIView(APIView):
    """Common error handling, no caching, no rollback of a counted failure, no large body."""

    second_factor_exempt = True

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        return outside_of_requests(super().as_view(*args, **kwargs))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a large body before it is read."""
        refuse_large_body(cast("HttpRequest", request))
        super().initial(request, *args, **kwargs)

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        """Refuse a request above the rate of a project's throttle, with our sentence."""
        raise Throttled(retry_after=math.ceil(wait or 1))

    def handle_exception(self, exc: Exception) -> Response:
        return complete(super().handle_exception(as_framework_error(exc)), self.request)


class TotpView(TotpAPIView, GenericAPIView[Any]):
    """A view that validates its input with a serializer and a schema."""

    @sensitive_variables()
    def validated(self, data: Any, schema: type[S]) -> S:
        """Validate a body or a query, and return it as `schema`. `null` is empty."""
        serializer = self.get_serializer(data={} if data is None else data)
        serializer.is_valid(raise_exception=True)
        return schema(**serializer.validated_data)

    def answer(
        self, content: BaseModel, status: int = 200, response: Response | None = None
    ) -> Response:
        """Return `content` as the Ninja API does: without unset keys."""
        response = Response(status=status) if response is None else response
        response.data = content.model_dump(exclude_unset=True)
        return response


class AnonymousView(TotpView):
    """An anonymous call: an old token in the request is ignored."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []


class LoginView(AnonymousView):
    """A call that issues the credentials of an issuer."""

    def get_issuer(self) -> CredentialIssuer:
        return SimpleJWT()

    def client(self, request: Any, response: Response) -> Client:
        """Return the client of the call, with the issuer of `get_issuer`."""
        return Client(request, response, self.get_issuer(), "drf", api_settings.NUM_PROXIES)


class JWTCreateView(LoginView):
    """First step of a login: username and password."""

    serializer_class = serializers.JWTCreateSerializer

    @described("jwt_create", login.first_step)
    def post(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.credentials_schema())
        response = Response()
        client = self.client(request, response)
        step = login.first_step(client, payload, lifetime_seconds=CHALLENGE_LIFETIME_SECONDS)
        return self.answer(step, response=response)


class JWTTOTP2FAVerifyView(LoginView):
    """Second step of a login: the challenge and a code."""

    serializer_class = serializers.JWT2FAVerifySerializer

    @described("jwt_totp_verify", login.second_step)
    def post(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpVerify)
        response = Response()
        logged_in = login.second_step(self.client(request, response), payload)
        return self.answer(logged_in, response=response)


class JWTTOTPCreateView(LoginView):
    """Second step for a user who must set up 2FA: start setting it up."""

    serializer_class = serializers.RequiredEnrolmentSerializer

    @described("jwt_totp_create", login.begin_required_enrolment)
    def post(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpRequiredEnrolment)
        client = self.client(request, Response())
        return self.answer(login.begin_required_enrolment(client, payload), 201)


class JWTTOTPConfirmView(LoginView):
    """Third step: confirm the new authenticator and log in."""

    serializer_class = serializers.RequiredEnrolmentCodeSerializer

    @described("jwt_totp_confirm", login.complete_required_enrolment)
    def post(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpRequiredEnrolmentCode)
        response = Response()
        enrolled = login.complete_required_enrolment(self.client(request, response), payload)
        return self.answer(enrolled, response=response)
