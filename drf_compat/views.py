"""The views at the documented paths: what all share, then a call for each function of the package.

A project can subclass a view to change its issuer, serializer or throttles. Parsers, renderers,
versioning and the exception handler are those of the project. The format of errors is in
`errors.py`; refreshing and checking tokens in `token_views.py`.
"""

import math
from collections.abc import Callable
from inspect import signature
from typing import Any, NoReturn, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from drf_compat import serializers as bodies
from drf_compat.auth import CHALLENGE_LIFETIME_SECONDS
from drf_compat.credentials import CallersCredential
from drf_compat.errors import as_framework_error, complete
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import NotAuthenticated, Throttled
from ninja_totp.http import factor, login, recovery as http_recovery
from ninja_totp.http.caller import Caller
from ninja_totp.http.document import call_of
from ninja_totp.http.endpoint import refuse_large_body
from ninja_totp.http.issuers import CredentialIssuer, SimpleJWT
from ninja_totp.http.login import Client
from ninja_totp.transactions import outside_of_requests


@method_decorator([cache_control(no_store=True), sensitive_post_parameters()], name="dispatch")
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


def described(name: str, run: Callable[..., Any], **options: Any) -> Callable[[Any], Any]:
    """Describe a view method, if the project uses drf-spectacular: see `spectacular.describe`."""
    kinds = getattr(api_settings.DEFAULT_SCHEMA_CLASS, "__mro__", ())
    if not any(kind.__module__.startswith("drf_spectacular.") for kind in kinds):
        return lambda view: view
    from drf_compat.spectacular import describe  # noqa: PLC0415 (needs the library)

    return describe(name, run, **options)


def endpoint(
    run: Callable[..., Any],
    body: type[bodies.BodySerializer] | None = None,
    *,
    name: str | None = None,
    reads: bool = False,
    **options: Any,
) -> Any:
    """Return the method of a view that answers by `run`. For the parameters, see `described`.

    `run` gets what it has parameters for: `request`, `response`, `payload` (the body, or the query
    of a call that only reads), ids in the path, and the `arguments` of the view. `name` is the
    operation id, by default "totp_" and the name of `run`.
    """
    parameters, status = signature(run).parameters, call_of(run).status

    @sensitive_variables()
    def method(self: "TotpView", request: Request, *_: Any, **path: Any) -> Response:
        response = Response(status=status)
        given = path | self.arguments(response) | {"request": request, "response": response}
        if body is not None:
            data: Any = request.query_params if reads else request.data
            serializer = self.get_serializer(data={} if data is None else data)  # `null` is empty
            serializer.is_valid(raise_exception=True)
            given["payload"] = body.schema(**serializer.validated_data)
        content = run(**{one: given[one] for one in parameters if one in given})
        if content is not None:  # as the Ninja API does: without unset keys
            response.data = content.model_dump(exclude_unset=True)
        return response

    vars(method)["serializer_class"] = body or bodies.BodySerializer
    name = name or f"totp_{run.__name__}"
    return described(name, run, body=body, reads=reads, **options)(method)


class TotpView(TotpAPIView, GenericAPIView[Any]):
    """A view whose methods are `endpoint`s, which count their requests themselves."""

    throttle_classes: list[Any] = []

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return the serializer that a project has given to the view, or that of the call."""
        call = getattr(self, getattr(self, "action", None) or "post", None)
        own: type[BaseSerializer[Any]] = getattr(call, "serializer_class", bodies.BodySerializer)
        return self.serializer_class or own

    def arguments(self, response: Response) -> dict[str, Any]:
        """Return what the view knows of a call, by the names of parameters."""
        return {"api": "drf", "num_proxies": api_settings.NUM_PROXIES}


class AnonymousView(TotpView):
    """An anonymous call: an old token in the request is ignored."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


class LoginView(AnonymousView):
    """A call that issues the credentials of an issuer."""

    def get_issuer(self) -> CredentialIssuer:
        return SimpleJWT()

    def arguments(self, response: Response) -> dict[str, Any]:
        request: Any = self.request
        issuer, proxies = self.get_issuer(), api_settings.NUM_PROXIES
        return {
            "client": Client(request, response, issuer, "drf", proxies),
            "issuer": issuer,
            "lifetime_seconds": CHALLENGE_LIFETIME_SECONDS,
        }


class JWTCreateView(LoginView):
    """First step of a login: username and password."""

    post = endpoint(login.first_step, bodies.JWTCreateSerializer, name="jwt_create")


class JWTTOTP2FAVerifyView(LoginView):
    """Second step of a login: the challenge and a code."""

    post = endpoint(login.second_step, bodies.JWT2FAVerifySerializer, name="jwt_totp_verify")


class JWTTOTPCreateView(LoginView):
    """Second step for a user who must set up 2FA: start setting it up."""

    post = endpoint(
        login.begin_required_enrolment, bodies.RequiredEnrolmentSerializer, name="jwt_totp_create"
    )


class JWTTOTPConfirmView(LoginView):
    """Third step: confirm the new authenticator and log in."""

    post = endpoint(
        login.complete_required_enrolment,
        bodies.RequiredEnrolmentCodeSerializer,
        name="jwt_totp_confirm",
    )


class TotpViewSet(TotpView, GenericViewSet[Any]):
    """Manage two-factor authentication, for a logged-in user."""

    permission_classes = [IsAuthenticated]
    issuer: CredentialIssuer = CallersCredential()

    def arguments(self, response: Response) -> dict[str, Any]:
        caller = Caller(
            cast("HttpRequest", self.request),
            _known_user(self.request.user),
            self.issuer,
            api="drf",
            trusts_unknown=not get_settings().require_code,
        )
        return {"caller": caller}

    enrol = endpoint(factor.create)
    confirm = endpoint(factor.confirm, bodies.TotpConfirmRequestSerializer)
    disable = endpoint(factor.disable, bodies.TotpProofSerializer)
    rotate_backup_codes = endpoint(factor.rotate_backup_codes, bodies.TotpProofSerializer)
    replace = endpoint(factor.replace, bodies.TotpProofSerializer)
    authenticators = endpoint(factor.authenticators, reads=True)
    add_authenticator = endpoint(factor.add_authenticator, bodies.TotpAuthenticatorNameSerializer)
    rename_authenticator = endpoint(
        factor.rename_authenticator,
        bodies.TotpAuthenticatorNameSerializer,
        # Of a serializer the library would say that nothing in a PATCH has to be there.
        shown=bodies.TotpAuthenticatorNameSerializer.schema,
    )
    remove_authenticator = endpoint(factor.remove_authenticator, bodies.TotpProofSerializer)
    verify = endpoint(factor.verify, bodies.TotpStepUpSerializer)
    totp_status = endpoint(factor.status, reads=True)
    events = endpoint(factor.events, bodies.TotpEventsQuerySerializer, reads=True)
    trusted_devices = endpoint(factor.trusted_devices, reads=True)
    revoke_trusted_device = endpoint(factor.revoke_trusted_device)


def _known_user(user: Any) -> AbstractBaseUser:
    # An authentication without the database (simplejwt has one) returns a user with only a key.
    if isinstance(user, get_user_model()):
        return cast("AbstractBaseUser", user)
    users = get_user_model()._default_manager  # noqa: SLF001 - Django's documented name
    known: AbstractBaseUser | None = users.filter(pk=user.pk).first()
    if known is None:
        raise NotAuthenticated
    return known


class TotpRecoveryViewSet(AnonymousView, GenericViewSet[Any]):
    """Account recovery by email and password."""

    recovery = endpoint(
        http_recovery.request_recovery, bodies.TotpRecoveryRequestSerializer, name="totp_recovery"
    )
    recovery_confirm = endpoint(
        http_recovery.confirm_recovery,
        bodies.TotpRecoveryConfirmSerializer,
        name="totp_recovery_confirm",
    )
    recovery_cancel = endpoint(
        http_recovery.cancel_recovery,
        bodies.TotpRecoveryCancelSerializer,
        name="totp_recovery_cancel",
    )
