"""Logging in with tokens of simplejwt, and setting up a second factor that the site requires.

A project subclasses a view to change its issuer, its serializer or its throttles.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from drf_compat import serializers
from drf_compat.answering import AnonymousView, answer
from drf_compat.auth import CHALLENGE_LIFETIME_SECONDS
from drf_compat.schema import described
from ninja_totp import schemas
from ninja_totp.core.errors import (
    InvalidChallenge,
    InvalidCode,
    InvalidCredentials,
    InvalidEnrolmentCode,
    Locked,
    NotEnrolled,
)
from ninja_totp.http import login as http_login
from ninja_totp.http.issuers import CredentialIssuer, SimpleJWT

__all__ = [
    "JWTCreateView",
    "JWTTOTP2FAVerifyView",
    "JWTTOTPConfirmView",
    "JWTTOTPCreateView",
]


class _LoginView(AnonymousView):
    def get_issuer(self) -> CredentialIssuer:
        """Return what hands out the credentials."""
        return SimpleJWT()


class JWTCreateView(_LoginView):
    """First step of a login: name and password."""

    serializer_class = serializers.JWTCreateSerializer

    @described("jwt_create", {200: schemas.TotpLoginStep}, InvalidCredentials)
    def post(self, request: Request, *_: Any, **__: Any) -> Response:
        """Log in, or return a challenge for the second step."""
        step = http_login.log_in(
            self.django_request,
            self.get_issuer(),
            self.payload(schemas.credentials_schema()),
            lifetime_seconds=CHALLENGE_LIFETIME_SECONDS,
        )
        return answer(step)


class JWTTOTP2FAVerifyView(_LoginView):
    """Second step of a login: the challenge and a code."""

    serializer_class = serializers.JWT2FAVerifySerializer
    account_field = "totp_challenge_token"

    @described(
        "jwt_totp_verify",
        {200: schemas.TotpLoggedIn},
        InvalidChallenge,
        InvalidCode,
        NotEnrolled,
        Locked,
    )
    def post(self, request: Request, *_: Any, **__: Any) -> Response:
        """Finish the login."""
        payload = self.payload(schemas.TotpVerify)
        return answer(http_login.verify_login(self.django_request, self.get_issuer(), payload))


class JWTTOTPCreateView(_LoginView):
    """Second step where a factor is required and there is none: start the enrolment."""

    serializer_class = serializers.RequiredEnrolmentSerializer
    account_field = "totp_enrolment_token"

    @described("jwt_totp_create", {201: schemas.TotpSetup}, InvalidChallenge)
    def post(self, request: Request, *_: Any, **__: Any) -> Response:
        """Start the enrolment that the site requires."""
        payload = self.payload(schemas.TotpRequiredEnrolment)
        issuer = self.get_issuer()
        return answer(
            http_login.begin_required_enrolment(self.django_request, issuer, payload), 201
        )


class JWTTOTPConfirmView(_LoginView):
    """Third step: confirm the enrolment, which logs in."""

    serializer_class = serializers.RequiredEnrolmentCodeSerializer
    account_field = "totp_enrolment_token"

    @described(
        "jwt_totp_confirm",
        {200: schemas.TotpConfirmation},
        InvalidChallenge,
        InvalidEnrolmentCode,
        NotEnrolled,
        Locked,
    )
    def post(self, request: Request, *_: Any, **__: Any) -> Response:
        """Confirm the enrolment that the site requires, and log in."""
        payload = self.payload(schemas.TotpRequiredEnrolmentCode)
        issuer = self.get_issuer()
        return answer(http_login.complete_required_enrolment(self.django_request, issuer, payload))
