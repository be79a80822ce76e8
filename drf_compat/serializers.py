"""Request serializers of this API, which a project can subclass.

They have the limits of django-totp. Validated data goes into the schemas of `ninja_totp.schemas`,
which also describe the responses.
"""

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework import serializers

from ninja_totp.models.authenticator import NAME_LENGTH

# Any below: keyword arguments of fields, and input before and after its validation.
_CODE: dict[str, Any] = {
    "max_length": 12,
    "help_text": "The current code of the authenticator.",
}
_BACKUP_CODE: dict[str, Any] = {
    "max_length": 128,
    "help_text": "One of the backup codes. Each works once.",
}
_OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}
_PASSWORD: dict[str, Any] = {
    "max_length": 4096,
    "trim_whitespace": False,
    "style": {"input_type": "password"},
}


class EmptySerializer(serializers.Serializer[Any]):
    """An empty body."""


class TotpConfirmRequestSerializer(serializers.Serializer[Any]):
    """The code that confirms a new authenticator."""

    input_code = serializers.CharField(**_CODE)


class TotpEventsQuerySerializer(serializers.Serializer[Any]):
    """Which page of the events."""

    before = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Only events before this id: the `next_before` of the previous page.",
    )
    limit = serializers.IntegerField(
        default=20, min_value=1, max_value=100, help_text="The maximum number of events."
    )


class TotpProofSerializer(serializers.Serializer[Any]):
    """A code, unless the login verified the second factor recently. May be empty."""

    input_code = serializers.CharField(**_CODE, **_OPTIONAL)
    backup_code = serializers.CharField(**_BACKUP_CODE, **_OPTIONAL)


class TotpAuthenticatorNameSerializer(TotpProofSerializer):
    """The name of an authenticator, and optionally a code."""

    name = serializers.CharField(max_length=NAME_LENGTH, help_text="A name that the user chooses.")


class TotpStepUpSerializer(serializers.Serializer[Any]):
    """Exactly one of: a code, a backup code, or two consecutive codes."""

    otp_code = serializers.CharField(**_CODE, **_OPTIONAL)
    backup_code = serializers.CharField(**_BACKUP_CODE, **_OPTIONAL)
    otp_codes = serializers.ListField(
        child=serializers.CharField(max_length=12),
        min_length=2,
        max_length=2,
        help_text="Two consecutive codes, the older one first. They also end a lock.",
        **_OPTIONAL,
    )


class JWT2FAVerifySerializer(TotpStepUpSerializer):
    """The challenge token of the first step, and exactly one kind of code."""

    totp_challenge_token = serializers.CharField(
        max_length=1024, help_text="The token from the first step."
    )
    trust_device = serializers.CharField(
        max_length=100,
        help_text="Remember this device under this name and skip the code for some time. Ignored "
        "if the site does not allow trusted devices.",
        **_OPTIONAL,
    )


class CookieRefreshSerializer(serializers.Serializer[Any]):
    """A refresh token, where it is not sent in its cookie."""

    refresh = serializers.CharField(
        max_length=8192, help_text="In place of the cookie.", **_OPTIONAL
    )


class RequiredEnrolmentSerializer(serializers.Serializer[Any]):
    """The token of a first step that requires the user to set up 2FA."""

    totp_enrolment_token = serializers.CharField(
        max_length=1024, help_text="The token from the first step."
    )


class RequiredEnrolmentCodeSerializer(RequiredEnrolmentSerializer, TotpConfirmRequestSerializer):
    """The token, and the code that confirms the new authenticator."""


class JWTCreateSerializer(serializers.Serializer[Any]):
    """Username and password. The first field is named as in the user model."""

    password = serializers.CharField(**_PASSWORD)
    trusted_device_token = serializers.CharField(
        max_length=1024,
        help_text="The token that this trusted device got at its last login.",
        **_OPTIONAL,
    )

    def get_fields(self) -> dict[str, Any]:
        """Put the username field of the user model first."""
        name = serializers.CharField(
            max_length=254, help_text="The username of the user model (USERNAME_FIELD)."
        )
        return {get_user_model().USERNAME_FIELD: name, **super().get_fields()}


class TotpRecoveryRequestSerializer(serializers.Serializer[Any]):
    """The email address of an account whose authenticator is lost."""

    email = serializers.EmailField(max_length=320)


class TotpRecoveryCancelSerializer(serializers.Serializer[Any]):
    """A recovery link to cancel."""

    uid = serializers.CharField(max_length=512, help_text="The first part of the link.")
    token = serializers.CharField(max_length=1024, help_text="The second part of the link.")


class TotpRecoveryConfirmSerializer(TotpRecoveryCancelSerializer):
    """A recovery link, the current password and the new one."""

    password = serializers.CharField(**_PASSWORD)
    new_password = serializers.CharField(
        **_PASSWORD,
        required=False,
        allow_null=True,
        help_text="The new password. Required unless TOTP_RECOVERY_NEW_PASSWORD is False.",
    )
