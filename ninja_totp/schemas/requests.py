"""What comes in. Secrets are Secret[str]: no repr, log line or error report shows them."""

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
    """The code that confirms an enrolment."""

    input_code: OtpCode = Field(
        description="The code that the new authenticator shows now.", examples=["492039"]
    )


class TotpOptionalProof(BaseModel):
    """A proof of the second factor, where the caller's credential alone may not be enough."""

    input_code: OtpCode | None = OTP_CODE
    backup_code: BackupCode | None = BACKUP_CODE


class TotpAuthenticatorName(TotpOptionalProof):
    """The name of an authenticator, and a proof as `TotpOptionalProof` has it."""

    name: AuthenticatorName = Field(
        description="What the user calls the authenticator.", examples=["Phone"]
    )


class TotpProof(BaseModel):
    """Exactly one proof of the second factor: a code, a backup code, or two codes."""

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
    """The second step of a login: the challenge and exactly one kind of proof."""

    totp_challenge_token: Token = Field(description="What the first step returned.")
    trust_device: DeviceName | None = Field(
        None,
        description="The name of this device, to be asked for no code on it for a while; ignored "
        "where the site trusts no devices.",
        examples=["Ada's laptop"],
    )


class TotpRequiredEnrolment(BaseModel):
    """The token of a first step that wants a second factor to be set up."""

    totp_enrolment_token: Token = Field(description="What the first step returned.")


class TotpRequiredEnrolmentCode(TotpRequiredEnrolment, TotpCode):
    """The token, and the code that confirms the enrolment."""


class TotpRefresh(BaseModel):
    """A refresh token, to be exchanged for new tokens."""

    refresh: Token = Field(description="The refresh token of a login or of an earlier refresh.")


class TotpCookieRefresh(BaseModel):
    """A refresh token, where it is not sent in its cookie."""

    refresh: Token | None = Field(None, description="In place of the cookie.")


class TotpToken(BaseModel):
    """An access or a refresh token, to be checked."""

    token: Token = Field(description="The token to look at.")


class TotpRecoveryRequest(BaseModel):
    """Whoever lost the authenticator asks for a link."""

    email: Email = Field(description="The address of the account.", examples=["ada@example.org"])


class TotpRecoveryCancel(BaseModel):
    """A link that is to be made void."""

    uid: str = Field(min_length=1, max_length=512, description="The first part of the link.")
    token: Token = Field(description="The second part of the link.")


class TotpRecoveryConfirm(TotpRecoveryCancel):
    """A link that was mailed, the password, and the one that is to replace it."""

    password: Password = Field(description="The present password of the account.")
    new_password: Password | None = Field(
        None,
        description="The next password. Required unless TOTP_RECOVERY_NEW_PASSWORD is False.",
    )


@cache
def credentials_schema() -> type[BaseModel]:
    """Return the schema of the first step: the user model's own name field, and `password`."""
    # Any: create_model takes field definitions as keyword arguments.
    fields: dict[str, Any] = {
        get_user_model().USERNAME_FIELD: (
            UserName,
            Field(description="The name that the user signs in with.", examples=["ada"]),
        ),
        "password": (Password, Field(description="The user's password.")),
        "trusted_device_token": (
            Token | None,
            Field(
                None,
                description="What this device was given at its last login, if it is trusted. A "
                "session's login has it in a cookie.",
            ),
        ),
    }
    return create_model("TotpCredentials", __doc__="Name and password.", **fields)


class TotpEventsQuery(BaseModel):
    """Which part of the history."""

    before: int | None = Field(
        None,
        ge=1,
        le=2**63 - 1,
        # No example: Ninja would write a list where OpenAPI wants a map (Parameter Object).
        description="What came before this event: the `next_before` of the page before.",
    )
    limit: int = Field(20, ge=1, le=100, description="How many events at most.")
