"""What comes in at this API, as serializers that a project can subclass.

They have the limits that clients of django-totp know. What they let through goes into the schemas
of `ninja_totp.schemas`, which also say what goes out.
"""

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework import serializers

from ninja_totp.models.authenticator import NAME_LENGTH

# Any below: keyword arguments of fields, and input before and after its validation.
_CODE: dict[str, Any] = {
    "max_length": 12,
    "help_text": "The code that the authenticator shows now.",
}
_BACKUP_CODE: dict[str, Any] = {
    "max_length": 128,
    "help_text": "One of the single-use backup codes.",
}
_OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}
_PASSWORD: dict[str, Any] = {
    "max_length": 4096,
    "trim_whitespace": False,
    "style": {"input_type": "password"},
}


class EmptySerializer(serializers.Serializer[Any]):
    """No input."""


class TotpConfirmRequestSerializer(serializers.Serializer[Any]):
    """The code that confirms an enrolment."""

    input_code = serializers.CharField(**_CODE)


class TotpEventsQuerySerializer(serializers.Serializer[Any]):
    """Which part of the history."""

    before = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="What came before this event: the `next_before` of the page before.",
    )
    limit = serializers.IntegerField(
        default=20, min_value=1, max_value=100, help_text="How many events at most."
    )


class TotpProofSerializer(serializers.Serializer[Any]):
    """A proof, where the caller's credential alone may not be enough. May be empty."""

    input_code = serializers.CharField(**_CODE, **_OPTIONAL)
    backup_code = serializers.CharField(**_BACKUP_CODE, **_OPTIONAL)


class TotpAuthenticatorNameSerializer(TotpProofSerializer):
    """The name of an authenticator, and a proof. May be without the proof."""

    name = serializers.CharField(
        max_length=NAME_LENGTH, help_text="What the user calls the authenticator."
    )


class TotpStepUpSerializer(serializers.Serializer[Any]):
    """Exactly one of: a code, a backup code, two codes."""

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
    """The challenge of a first step, and exactly one kind of proof."""

    totp_challenge_token = serializers.CharField(
        max_length=1024, help_text="What the first step returned."
    )
    trust_device = serializers.CharField(
        max_length=100,
        help_text="The name of this device, to remember it and skip the code for a while; ignored "
        "where the site trusts no devices.",
        **_OPTIONAL,
    )


class CookieRefreshSerializer(serializers.Serializer[Any]):
    """A refresh token, where it is not sent in its cookie."""

    refresh = serializers.CharField(
        max_length=8192, help_text="In place of the cookie.", **_OPTIONAL
    )


class RequiredEnrolmentSerializer(serializers.Serializer[Any]):
    """The token of a first step that wants a second factor to be set up."""

    totp_enrolment_token = serializers.CharField(
        max_length=1024, help_text="What the first step returned."
    )


class RequiredEnrolmentCodeSerializer(RequiredEnrolmentSerializer, TotpConfirmRequestSerializer):
    """The token, and the code that confirms the enrolment."""


class JWTCreateSerializer(serializers.Serializer[Any]):
    """Name and password. The name's field is called as in the user model."""

    password = serializers.CharField(**_PASSWORD)
    trusted_device_token = serializers.CharField(
        max_length=1024,
        help_text="What this device was given at its last login, if it is trusted.",
        **_OPTIONAL,
    )

    def get_fields(self) -> dict[str, Any]:
        """Put the user model's own name field first."""
        name = serializers.CharField(
            max_length=254, help_text="The name that the user signs in with."
        )
        return {get_user_model().USERNAME_FIELD: name, **super().get_fields()}


class TotpRecoveryRequestSerializer(serializers.Serializer[Any]):
    """The address of the account whose authenticator is lost."""

    email = serializers.EmailField(max_length=320)


class TotpRecoveryCancelSerializer(serializers.Serializer[Any]):
    """A link that is to be made void."""

    uid = serializers.CharField(max_length=512, help_text="The first part of the link.")
    token = serializers.CharField(max_length=1024, help_text="The second part of the link.")


class TotpRecoveryConfirmSerializer(TotpRecoveryCancelSerializer):
    """A link that was mailed, the account's password, and the one that is to replace it."""

    password = serializers.CharField(**_PASSWORD)
    new_password = serializers.CharField(
        **_PASSWORD,
        required=False,
        allow_null=True,
        help_text="The next password. Required unless TOTP_RECOVERY_NEW_PASSWORD is False.",
    )
