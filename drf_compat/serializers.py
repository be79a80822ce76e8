"""What comes in at this door, validated in Django REST Framework's way and shape.

A serializer hands on the schema that both doors share; what goes out are those schemas.
"""

from typing import Any

from django.contrib.auth import get_user_model
from pydantic import BaseModel
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from ninja_totp import schemas

__all__ = [
    "CredentialsSerializer",
    "EmptySerializer",
    "LoginVerifySerializer",
    "OptionalProofSerializer",
    "ProofSerializer",
    "TotpConfirmSerializer",
]

_OTP: dict[str, Any] = {"max_length": 12, "write_only": True}
_BACKUP: dict[str, Any] = {"max_length": 128, "write_only": True}


class _SchemaSerializer(serializers.Serializer[Any]):
    schema: type[BaseModel]

    def payload(self) -> Any:
        """Return the valid input as the schema that the use case takes."""
        return self.schema(**self.validated_data)


class EmptySerializer(serializers.Serializer[Any]):
    """No input."""


class TotpConfirmSerializer(_SchemaSerializer):
    """The code that confirms an enrolment."""

    schema = schemas.TotpCode
    input_code = serializers.CharField(**_OTP)


class OptionalProofSerializer(_SchemaSerializer):
    """A code or a backup code, where the caller's credential alone may not be enough."""

    schema = schemas.TotpOptionalProof
    input_code = serializers.CharField(required=False, **_OTP)
    backup_code = serializers.CharField(required=False, **_BACKUP)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two proofs at once."""
        if len(attrs) > 1:
            raise ValidationError("Provide only one of input_code or backup_code, not both.")
        return attrs


class ProofSerializer(_SchemaSerializer):
    """A code or a backup code."""

    schema = schemas.TotpProof
    otp_code = serializers.CharField(required=False, **_OTP)
    backup_code = serializers.CharField(required=False, **_BACKUP)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one proof."""
        _require_one(attrs, "otp_code", "backup_code")
        return attrs


class LoginVerifySerializer(_SchemaSerializer):
    """The challenge of a first step, and exactly one kind of proof."""

    schema = schemas.TotpVerify
    totp_challenge_token = serializers.CharField(max_length=1024, write_only=True)
    otp_code = serializers.CharField(required=False, **_OTP)
    backup_code = serializers.CharField(required=False, **_BACKUP)
    otp_codes = serializers.ListField(
        child=serializers.CharField(max_length=12),
        min_length=2,
        max_length=2,
        required=False,
        write_only=True,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one proof."""
        _require_one(attrs, "otp_code", "backup_code", "otp_codes")
        return attrs


def _require_one(attrs: dict[str, Any], *names: str) -> None:
    given = [name for name in names if name in attrs]
    if not given:
        raise ValidationError("Either otp_code or backup_code is required.")
    if len(given) > 1:
        raise ValidationError("Provide only one of otp_code or backup_code, not both.")


class CredentialsSerializer(_SchemaSerializer):
    """Name and password. The name's field is called as in the user model."""

    password = serializers.CharField(
        max_length=255, write_only=True, trim_whitespace=False, style={"input_type": "password"}
    )

    def get_fields(self) -> dict[str, Any]:
        """Put the user model's own name field first."""
        name = serializers.CharField(max_length=150, write_only=True)
        return {get_user_model().USERNAME_FIELD: name, **super().get_fields()}

    def payload(self) -> Any:
        """Return name and password as the schema that the use case takes."""
        return schemas.credentials_schema()(**self.validated_data)
