"""Request bodies. Secrets are Secret[str]: no repr, log line or error report shows them."""

from functools import cache
from typing import Annotated, Any, TypeAlias

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    Secret,
    StringConstraints,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from ninja_totp.models.authenticator import NAME_LENGTH
from ninja_totp.schemas.examples import described


def _text(longest: int, *, strips: bool = False) -> StringConstraints:
    # No valid client sends NUL, or half of a surrogate pair (which Pydantic's text type refuses
    # anyway). Later code would fail with a 500: PostgreSQL's driver for NUL, encoders for halves.
    return StringConstraints(
        strip_whitespace=strips, min_length=1, max_length=longest, pattern=r"^[^\x00]*$"
    )


def _shown(longest: int, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": longest, **more})


def _secret(longest: int) -> WithJsonSchema:
    return _shown(longest, format="password", writeOnly=True)


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise PydanticCustomError("email", gettext("Enter a valid email address.")) from None
    return text


OtpCode: TypeAlias = Annotated[Secret[Annotated[str, _text(32)]], _secret(32)]
BackupCode: TypeAlias = Annotated[Secret[Annotated[str, _text(128)]], _secret(128)]
Token: TypeAlias = Annotated[Secret[Annotated[str, _text(8192)]], _secret(8192)]
Password: TypeAlias = Annotated[Secret[Annotated[str, _text(4096)]], _secret(4096)]

# A name may be a number, and come as one.
_Name = Annotated[str, Field(coerce_numbers_to_str=True), _text(254)]
UserName: TypeAlias = Annotated[Secret[_Name], _shown(254)]

DeviceName: TypeAlias = Annotated[str, _text(100, strips=True), _shown(100)]
AuthenticatorName: TypeAlias = Annotated[str, _text(NAME_LENGTH, strips=True), _shown(NAME_LENGTH)]
Email: TypeAlias = Annotated[str, Field(max_length=320), AfterValidator(_address)]

# Any: a FieldInfo that pydantic copies for every field it stands at.
OTP_CODE: Any = described("The current code of the authenticator.", "492039", default=None)
BACKUP_CODE: Any = described(
    "One of the backup codes. Each works once.", "4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE", default=None
)


class TotpCode(BaseModel):
    """The code that confirms a new authenticator."""

    input_code: OtpCode = described("The current code of the new authenticator.", "492039")


class TotpOptionalProof(BaseModel):
    """A code, unless the login verified the second factor recently."""

    input_code: OtpCode | None = OTP_CODE
    backup_code: BackupCode | None = BACKUP_CODE


class TotpAuthenticatorName(TotpOptionalProof):
    """The name of an authenticator, and a code as in `TotpOptionalProof`."""

    name: AuthenticatorName = described("A name that the user chooses.", "Phone")


class TotpProof(BaseModel):
    """Exactly one of: a code, a backup code, or two consecutive codes."""

    otp_code: OtpCode | None = OTP_CODE
    backup_code: BackupCode | None = BACKUP_CODE
    otp_codes: list[OtpCode] | None = described(
        "Two consecutive codes, the older one first. They also end a lock.",
        ["492039", "018455"],
        default=None,
        min_length=2,
        max_length=2,
    )


class TotpVerify(TotpProof):
    """The second step of a login: the challenge token and exactly one kind of code."""

    totp_challenge_token: Token = described("The token from the first step.")
    trust_device: DeviceName | None = described(
        "Remember this device under this name and skip the code for some time. Ignored if the site "
        "does not allow trusted devices.",
        "Ada's laptop",
        default=None,
    )


class TotpRequiredEnrolment(BaseModel):
    """The token of a first step that requires the user to set up 2FA."""

    totp_enrolment_token: Token = described("The token from the first step.")


class TotpRequiredEnrolmentCode(TotpRequiredEnrolment, TotpCode):
    """The token, and the code that confirms the new authenticator."""


class TotpRefresh(BaseModel):
    """A refresh token, to get new tokens."""

    refresh: Token = described("The refresh token from a login or an earlier refresh.")


class TotpCookieRefresh(BaseModel):
    """A refresh token, unless it is sent in its cookie."""

    refresh: Token | None = described("Instead of the cookie.", default=None)


class TotpToken(BaseModel):
    """An access or refresh token to check."""

    token: Token = described("The token to check.")


class TotpRecoveryRequest(BaseModel):
    """The email address of an account whose authenticator is lost."""

    email: Email = described("The email address of the account.", "ada@example.org")


class TotpRecoveryCancel(BaseModel):
    """A recovery link to cancel."""

    uid: str = described("The first part of the link.", min_length=1, max_length=512)
    token: Token = described("The second part of the link.")


class TotpRecoveryConfirm(TotpRecoveryCancel):
    """A recovery link, the current password and the new one."""

    password: Password = described("The current password of the account.")
    new_password: Password | None = described(
        "The new password. Required unless TOTP_RECOVERY_NEW_PASSWORD is False.", default=None
    )


@cache
def credentials_schema() -> type[BaseModel]:
    """Return the schema of the first step: the username field of the user model, and `password`."""
    name = described("The username of the user model (USERNAME_FIELD).", "ada")
    device = described(
        "The token that this trusted device got at its last login. Logins with a session use a "
        "cookie instead.",
        default=None,
    )
    # Any: create_model takes field definitions as keyword arguments.
    fields: dict[str, Any] = {
        get_user_model().USERNAME_FIELD: (UserName, name),
        "password": (Password, described("The user's password.")),
        "trusted_device_token": (Token | None, device),
    }
    return create_model("TotpCredentials", __doc__="Username and password.", **fields)


class TotpEventsQuery(BaseModel):
    """Which page of the events."""

    # No examples: Ninja would write a list where OpenAPI wants a map (Parameter Object).
    before: int | None = described(
        "Only events before this id: the `next_before` of the previous page.",
        default=None,
        ge=1,
        le=2**63 - 1,
    )
    limit: int = described("The maximum number of events.", default=20, ge=1, le=100)
