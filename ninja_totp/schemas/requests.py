"""Request bodies. Secrets are Secret[str]: no repr, log line or error report shows them."""

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from pydantic import BaseModel, Field, create_model

from ninja_totp.schemas.fields import (
    BACKUP_CODE,
    OTP_CODE,
    AuthenticatorName,
    BackupCode,
    DeviceName,
    Email,
    OtpCode,
    Password,
    Token,
    UserName,
)


class TotpCode(BaseModel):
    """The code that confirms a new authenticator."""

    input_code: OtpCode = Field(
        description="The current code of the new authenticator.", examples=["492039"]
    )


class TotpOptionalProof(BaseModel):
    """A code, unless the login verified the second factor recently."""

    input_code: OtpCode | None = OTP_CODE
    backup_code: BackupCode | None = BACKUP_CODE


class TotpAuthenticatorName(TotpOptionalProof):
    """The name of an authenticator, and a code as in `TotpOptionalProof`."""

    name: AuthenticatorName = Field(description="A name that the user chooses.", examples=["Phone"])


class TotpProof(BaseModel):
    """Exactly one of: a code, a backup code, or two consecutive codes."""

    otp_code: OtpCode | None = OTP_CODE
    backup_code: BackupCode | None = BACKUP_CODE
    otp_codes: list[OtpCode] | None = Field(
        None,
        min_length=2,
        max_length=2,
        description="Two consecutive codes, the older one first. They also end a lock.",
        examples=[["492039", "018455"]],
    )


class TotpVerify(TotpProof):
    """The second step of a login: the challenge token and exactly one kind of code."""

    totp_challenge_token: Token = Field(description="The token from the first step.")
    trust_device: DeviceName | None = Field(
        None,
        description="Remember this device under this name and skip the code for some time. Ignored "
        "if the site does not allow trusted devices.",
        examples=["Ada's laptop"],
    )


class TotpRequiredEnrolment(BaseModel):
    """The token of a first step that requires the user to set up 2FA."""

    totp_enrolment_token: Token = Field(description="The token from the first step.")


class TotpRequiredEnrolmentCode(TotpRequiredEnrolment, TotpCode):
    """The token, and the code that confirms the new authenticator."""


class TotpRefresh(BaseModel):
    """A refresh token, to get new tokens."""

    refresh: Token = Field(description="The refresh token from a login or an earlier refresh.")


class TotpCookieRefresh(BaseModel):
    """A refresh token, unless it is sent in its cookie."""

    refresh: Token | None = Field(None, description="Instead of the cookie.")


class TotpToken(BaseModel):
    """An access or refresh token to check."""

    token: Token = Field(description="The token to check.")


class TotpRecoveryRequest(BaseModel):
    """The email address of an account whose authenticator is lost."""

    email: Email = Field(
        description="The email address of the account.", examples=["ada@example.org"]
    )


class TotpRecoveryCancel(BaseModel):
    """A recovery link to cancel."""

    uid: str = Field(min_length=1, max_length=512, description="The first part of the link.")
    token: Token = Field(description="The second part of the link.")


class TotpRecoveryConfirm(TotpRecoveryCancel):
    """A recovery link, the current password and the new one."""

    password: Password = Field(description="The current password of the account.")
    new_password: Password | None = Field(
        None,
        description="The new password. Required unless TOTP_RECOVERY_NEW_PASSWORD is False.",
    )


@cache
def credentials_schema() -> type[BaseModel]:
    """Return the schema of the first step: the username field of the user model, and `password`."""
    # Any: create_model takes field definitions as keyword arguments.
    fields: dict[str, Any] = {
        get_user_model().USERNAME_FIELD: (
            UserName,
            Field(description="The username of the user model (USERNAME_FIELD).", examples=["ada"]),
        ),
        "password": (Password, Field(description="The user's password.")),
        "trusted_device_token": (
            Token | None,
            Field(
                None,
                description="The token that this trusted device got at its last login. Logins with "
                "a session use a cookie instead.",
            ),
        ),
    }
    return create_model("TotpCredentials", __doc__="Username and password.", **fields)


class TotpEventsQuery(BaseModel):
    """Which page of the events."""

    before: int | None = Field(
        None,
        ge=1,
        le=2**63 - 1,
        # No example: Ninja would write a list where OpenAPI wants a map (Parameter Object).
        description="Only events before this id: the `next_before` of the previous page.",
    )
    limit: int = Field(20, ge=1, le=100, description="The maximum number of events.")
