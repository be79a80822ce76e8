"""The views at the documented paths. Each validates, calls the use case and returns the answer.

The format of errors is in `errors.py`, what all views share in `login_views.py`.
"""

from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings
from rest_framework.viewsets import GenericViewSet

from drf_compat import serializers
from drf_compat.credentials import CallersCredential
from drf_compat.login_views import AnonymousView, JWTCreateView, JWTTOTP2FAVerifyView, TotpView
from drf_compat.schema import described
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    NotAuthenticated,
)
from ninja_totp.http import factor, recovery as http_recovery
from ninja_totp.http.caller import Caller
from ninja_totp.http.issuers import CredentialIssuer
from ninja_totp.schemas import requests

__all__ = ["JWTCreateView", "JWTTOTP2FAVerifyView", "TotpRecoveryViewSet", "TotpViewSet"]


class TotpViewSet(TotpView, GenericViewSet[Any]):
    """Manage two-factor authentication, for a logged-in user."""

    permission_classes = [IsAuthenticated]
    throttle_classes: list[Any] = []
    issuer: CredentialIssuer = CallersCredential()
    serializer_classes: dict[str, type[Serializer[Any]]] = {
        "confirm": serializers.TotpConfirmRequestSerializer,
        "disable": serializers.TotpProofSerializer,
        "rotate_backup_codes": serializers.TotpProofSerializer,
        "replace": serializers.TotpProofSerializer,
        "add_authenticator": serializers.TotpAuthenticatorNameSerializer,
        "rename_authenticator": serializers.TotpAuthenticatorNameSerializer,
        "remove_authenticator": serializers.TotpProofSerializer,
        "verify": serializers.TotpStepUpSerializer,
        "events": serializers.TotpEventsQuerySerializer,
    }

    def get_serializer_class(self) -> type[Serializer[Any]]:
        return self.serializer_classes.get(self.action or "", serializers.EmptySerializer)

    def caller(self) -> Caller:
        """Return the caller, and the issuer of the credential."""
        return Caller(
            cast("HttpRequest", self.request),
            _known_user(self.request.user),
            self.issuer,
            api="drf",
            trusts_unknown=not get_settings().require_code,
        )

    @described("totp_create", factor.create, takes_body=False)
    def enrol(self, request: Request, *_: Any, **__: Any) -> Response:
        return self.answer(factor.create(self.caller()), 201)

    @described("totp_confirm", factor.confirm)
    def confirm(self, request: Request, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpCode)
        response = Response()
        confirmed = factor.confirm(self.caller(), payload, response)
        return self.answer(confirmed, response=response)

    @described("totp_disable", factor.disable)
    def disable(self, request: Request, *_: Any, **__: Any) -> Response:
        factor.disable(self.caller(), self.validated(request.data, requests.TotpOptionalProof))
        return Response(status=204)

    @described("totp_rotate_backup_codes", factor.rotate_backup_codes)
    def rotate_backup_codes(self, request: Request, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpOptionalProof)
        return self.answer(factor.rotate_backup_codes(self.caller(), payload))

    @described("totp_replace", factor.replace)
    def replace(self, request: Request, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpOptionalProof)
        return self.answer(factor.replace(self.caller(), payload), 201)

    @described("totp_authenticators", factor.authenticators, reads=True)
    def authenticators(self, request: Request, *_: Any, **__: Any) -> Response:
        return self.answer(factor.authenticators(self.caller()))

    @described("totp_add_authenticator", factor.add_authenticator)
    def add_authenticator(self, request: Request, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpAuthenticatorName)
        return self.answer(factor.add_authenticator(self.caller(), payload), 201)

    # Of a serializer the library would say that nothing in a PATCH has to be there.
    @described(
        "totp_rename_authenticator",
        factor.rename_authenticator,
        body=requests.TotpAuthenticatorName,
    )
    def rename_authenticator(
        self, request: Request, authenticator_id: str, *_: Any, **__: Any
    ) -> Response:
        payload = self.validated(request.data, requests.TotpAuthenticatorName)
        return self.answer(factor.rename_authenticator(self.caller(), authenticator_id, payload))

    @described("totp_remove_authenticator", factor.remove_authenticator)
    def remove_authenticator(
        self, request: Request, authenticator_id: str, *_: Any, **__: Any
    ) -> Response:
        payload = self.validated(request.data, requests.TotpOptionalProof)
        factor.remove_authenticator(self.caller(), authenticator_id, payload)
        return Response(status=204)

    @described("totp_verify", factor.verify)
    def verify(self, request: Request, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpProof)
        response = Response()
        verified = factor.verify(self.caller(), payload, response)
        return self.answer(verified, response=response)

    @described("totp_status", factor.status, reads=True)
    def totp_status(self, request: Request, *_: Any, **__: Any) -> Response:
        return self.answer(factor.status(self.caller()))

    @described(
        "totp_events", factor.events, reads=True, query=serializers.TotpEventsQuerySerializer
    )
    def events(self, request: Request, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.query_params, requests.TotpEventsQuery)
        return self.answer(factor.events(self.caller(), payload))

    @described("totp_trusted_devices", factor.trusted_devices, reads=True)
    def trusted_devices(self, request: Request, *_: Any, **__: Any) -> Response:
        return self.answer(factor.trusted_devices(self.caller()))

    @described("totp_revoke_trusted_device", factor.revoke_trusted_device, takes_body=False)
    def revoke_trusted_device(
        self, request: Request, device_id: str, *_: Any, **__: Any
    ) -> Response:
        factor.revoke_trusted_device(self.caller(), device_id)
        return Response(status=204)


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

    serializer_classes: dict[str, type[Serializer[Any]]] = {
        "recovery": serializers.TotpRecoveryRequestSerializer,
        "recovery_confirm": serializers.TotpRecoveryConfirmSerializer,
        "recovery_cancel": serializers.TotpRecoveryCancelSerializer,
    }

    def get_serializer_class(self) -> type[Serializer[Any]]:
        return self.serializer_classes.get(self.action or "", serializers.EmptySerializer)

    @described("totp_recovery", http_recovery.request_recovery)
    def recovery(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpRecoveryRequest)
        return self.answer(
            http_recovery.request_recovery(request, payload, num_proxies=api_settings.NUM_PROXIES)
        )

    @described("totp_recovery_confirm", http_recovery.confirm_recovery)
    def recovery_confirm(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpRecoveryConfirm)
        http_recovery.confirm_recovery(request, payload, api="drf")
        return Response(status=204)

    @described("totp_recovery_cancel", http_recovery.cancel_recovery)
    def recovery_cancel(self, request: Any, *_: Any, **__: Any) -> Response:
        payload = self.validated(request.data, requests.TotpRecoveryCancel)
        http_recovery.cancel_recovery(request, payload, api="drf")
        return Response(status=204)
