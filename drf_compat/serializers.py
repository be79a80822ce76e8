"""Request serializers of this API, which a project can subclass.

They have the limits of django-totp. Validated data goes into the `schema` of the serializer, which
is that of the Ninja API.
"""

from typing import Any

from django.contrib.auth import get_user_model
from pydantic import BaseModel
from rest_framework import serializers

from ninja_totp.models.authenticator import NAME_LENGTH
from ninja_totp.schemas import requests

# Any below: keyword arguments of fields, and input before and after its validation.
_OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}
_PASSWORD: dict[str, Any] = {
    "max_length": 4096,
    "trim_whitespace": False,
    "style": {"input_type": "password"},
}


def _text(longest: int, help_text: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, help_text=help_text, **options)


def _code(**options: Any) -> serializers.CharField:
    return _text(12, "The current code of the authenticator.", **options)


def _backup_code() -> serializers.CharField:
    return _text(128, "One of the backup codes. Each works once.", **_OPTIONAL)


class BodySerializer(serializers.Serializer[Any]):
    """An empty body."""

    schema: type[BaseModel] = BaseModel


class TotpConfirmRequestSerializer(BodySerializer):
    """The code that confirms a new authenticator."""

    schema: type[BaseModel] = requests.TotpCode
    input_code = _code()


class TotpEventsQuerySerializer(BodySerializer):
    """Which page of the events."""

    schema = requests.TotpEventsQuery
    before = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Only events before this id: the `next_before` of the previous page.",
    )
    limit = serializers.IntegerField(
        default=20, min_value=1, max_value=100, help_text="The maximum number of events."
    )


class TotpProofSerializer(BodySerializer):
    """A code, unless the login verified the second factor recently. May be empty."""

    schema: type[BaseModel] = requests.TotpOptionalProof
    input_code = _code(**_OPTIONAL)
    backup_code = _backup_code()


class TotpAuthenticatorNameSerializer(TotpProofSerializer):
    """The name of an authenticator, and optionally a code."""

    schema = requests.TotpAuthenticatorName
    name = _text(NAME_LENGTH, "A name that the user chooses.")


class TotpStepUpSerializer(BodySerializer):
    """Exactly one of: a code, a backup code, or two consecutive codes."""

    schema: type[BaseModel] = requests.TotpProof
    otp_code = _code(**_OPTIONAL)
    backup_code = _backup_code()
    otp_codes = serializers.ListField(
        child=serializers.CharField(max_length=12),
        min_length=2,
        max_length=2,
        help_text="Two consecutive codes, the older one first. They also end a lock.",
        **_OPTIONAL,
    )


class JWT2FAVerifySerializer(TotpStepUpSerializer):
    """The challenge token of the first step, and exactly one kind of code."""

    schema = requests.TotpVerify
    totp_challenge_token = _text(1024, "The token from the first step.")
    trust_device = _text(
        100,
        "Remember this device under this name and skip the code for some time. Ignored "
        "if the site does not allow trusted devices.",
        **_OPTIONAL,
    )


class CookieRefreshSerializer(BodySerializer):
    """A refresh token, where it is not sent in its cookie."""

    schema = requests.TotpCookieRefresh
    refresh = _text(8192, "In place of the cookie.", **_OPTIONAL)


class RequiredEnrolmentSerializer(BodySerializer):
    """The token of a first step that requires the user to set up 2FA."""

    schema: type[BaseModel] = requests.TotpRequiredEnrolment
    totp_enrolment_token = _text(1024, "The token from the first step.")


class RequiredEnrolmentCodeSerializer(RequiredEnrolmentSerializer, TotpConfirmRequestSerializer):
    """The token, and the code that confirms the new authenticator."""

    schema = requests.TotpRequiredEnrolmentCode


class JWTCreateSerializer(BodySerializer):
    """Username and password. The first field is named as in the user model."""

    schema = requests.credentials_schema()
    password = serializers.CharField(**_PASSWORD)
    trusted_device_token = _text(
        1024, "The token that this trusted device got at its last login.", **_OPTIONAL
    )

    def get_fields(self) -> dict[str, Any]:
        """Put the username field of the user model first."""
        name = _text(254, "The username of the user model (USERNAME_FIELD).")
        return {get_user_model().USERNAME_FIELD: name, **super().get_fields()}


class TotpRecoveryRequestSerializer(BodySerializer):
    """The email address of an account whose authenticator is lost."""

    schema = requests.TotpRecoveryRequest
    email = serializers.EmailField(max_length=320)


class TotpRecoveryCancelSerializer(BodySerializer):
    """A recovery link to cancel."""

    schema: type[BaseModel] = requests.TotpRecoveryCancel
    uid = _text(512, "The first part of the link.")
    token = _text(1024, "The second part of the link.")


class TotpRecoveryConfirmSerializer(TotpRecoveryCancelSerializer):
    """A recovery link, the current password and the new one."""

    schema = requests.TotpRecoveryConfirm
    password = serializers.CharField(**_PASSWORD)
    new_password = serializers.CharField(
        help_text="The new password. Required unless TOTP_RECOVERY_NEW_PASSWORD is False.",
        **_PASSWORD,
        **_OPTIONAL,
    )
