"""The JSON contract of both doors: what comes in and what goes out. Errors are in `envelope.py`.

Component names begin with `Totp`, because OpenAPI keys them by class name and would silently
replace a host's component of the same name. Codes, passwords and tokens come in as SecretStr, so
that no repr, log line or error report shows them.
"""

import re
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Self, TypeAlias
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    StringConstraints,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ninja_totp.services.proof import Proof

__all__ = [
    "TotpBackupCodes",
    "TotpCode",
    "TotpConfirmation",
    "TotpEvent",
    "TotpEvents",
    "TotpEventsQuery",
    "TotpLoginStep",
    "TotpOptionalProof",
    "TotpProof",
    "TotpRecoveryAsked",
    "TotpRecoveryCancel",
    "TotpRecoveryConfirm",
    "TotpRecoveryRequest",
    "TotpRefresh",
    "TotpRefreshed",
    "TotpSetup",
    "TotpStatus",
    "TotpToken",
    "TotpTokens",
    "TotpTrustedDevice",
    "TotpTrustedDevices",
    "TotpVerified",
    "TotpVerify",
    "credentials_schema",
]


_SURROGATE = re.compile("[\ud800-\udfff]")


def _encodable(secret: SecretStr) -> SecretStr:
    # No honest client sends either. What comes after would answer with errors that would be ours
    # (500): PostgreSQL's driver for NUL, whatever encodes for half of a surrogate pair.
    text = secret.get_secret_value()
    if "\x00" in text:
        raise PydanticCustomError("null_characters", gettext("Null characters are not allowed."))
    if _SURROGATE.search(text):
        raise PydanticCustomError(
            "surrogate_characters", gettext("Surrogate characters are not allowed.")
        )
    return secret


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise PydanticCustomError("email", gettext("Enter a valid email address.")) from None
    return text


_Secret: TypeAlias = Annotated[SecretStr, AfterValidator(_encodable)]

OtpCode: TypeAlias = Annotated[_Secret, Field(min_length=1, max_length=32)]
BackupCode: TypeAlias = Annotated[_Secret, Field(min_length=1, max_length=128)]
# In whole seconds, so that both doors' encoders write the same.
Moment: TypeAlias = Annotated[datetime, AfterValidator(lambda at: at.replace(microsecond=0))]
Token: TypeAlias = Annotated[_Secret, Field(min_length=1, max_length=8192)]
Password: TypeAlias = Annotated[_Secret, Field(min_length=1, max_length=4096)]
Email: TypeAlias = Annotated[str, Field(max_length=320), AfterValidator(_address)]


def _name(text: str) -> str:
    return _encodable(SecretStr(text)).get_secret_value()


DeviceName: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_name),
]

# Any: a FieldInfo that pydantic copies for every field it stands at.
_OTP_CODE: Any = Field(
    None, description="The code that the authenticator shows now.", examples=["492039"]
)
_BACKUP_CODE: Any = Field(
    None,
    description="One of the single-use backup codes.",
    examples=["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"],
)


def _only_one(values: BaseModel, *names: str) -> None:
    if sum(getattr(values, name) is not None for name in names) > 1:
        raise PydanticCustomError(
            "too_many_codes", gettext("Provide only one of {names}."), {"names": ", ".join(names)}
        )


def _one(values: BaseModel, *names: str) -> None:
    _only_one(values, *names)
    if all(getattr(values, name) is None for name in names):
        raise PydanticCustomError(
            "code_required", gettext("One of {names} is required."), {"names": ", ".join(names)}
        )


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


class TotpCode(BaseModel):
    """The code that confirms an enrolment."""

    input_code: OtpCode = Field(
        description="The code that the new authenticator shows now.", examples=["492039"]
    )


class TotpOptionalProof(BaseModel):
    """A proof of the second factor, where the caller's credential alone may not be enough."""

    input_code: OtpCode | None = _OTP_CODE
    backup_code: BackupCode | None = _BACKUP_CODE

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        _only_one(self, "input_code", "backup_code")
        return self

    def proof(self) -> Proof | None:
        """Return what was typed, or None."""
        if self.input_code is None and self.backup_code is None:
            return None
        return Proof(otp_code=_plain(self.input_code), backup_code=_plain(self.backup_code))


class TotpProof(BaseModel):
    """A proof of the second factor: a code or a backup code."""

    otp_code: OtpCode | None = _OTP_CODE
    backup_code: BackupCode | None = _BACKUP_CODE

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        _one(self, "otp_code", "backup_code")
        return self

    def proof(self) -> Proof:
        """Return what was typed."""
        return Proof(otp_code=_plain(self.otp_code), backup_code=_plain(self.backup_code))


class TotpVerify(BaseModel):
    """The second step of a login: the challenge and exactly one kind of proof."""

    totp_challenge_token: Token = Field(description="What the first step returned.")
    otp_code: OtpCode | None = _OTP_CODE
    backup_code: BackupCode | None = _BACKUP_CODE
    otp_codes: list[OtpCode] | None = Field(
        None,
        min_length=2,
        max_length=2,
        description="Two consecutive codes, the older one first. They also end a lock.",
        examples=[["492039", "018455"]],
    )
    trust_device: DeviceName | None = Field(
        None,
        description="The name of this device, to be asked for no code on it for a while; ignored "
        "where the site trusts no devices.",
        examples=["Ada's laptop"],
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        _one(self, "otp_code", "backup_code", "otp_codes")
        return self

    def proof(self) -> Proof:
        """Return what was typed."""
        if self.otp_codes is not None:
            first, second = (code.get_secret_value() for code in self.otp_codes)
            return Proof(otp_codes=(first, second))
        return Proof(otp_code=_plain(self.otp_code), backup_code=_plain(self.backup_code))


class TotpRefresh(BaseModel):
    """A refresh token, to be exchanged for new tokens."""

    refresh: Token = Field(description="The refresh token of a login or of an earlier refresh.")


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
    """A link that was mailed, and the password."""

    password: Password = Field(description="The password of the account.")


@cache
def credentials_schema() -> type[BaseModel]:
    """Return the schema of the first step: the user model's own name field, and `password`."""
    # Any: create_model takes field definitions as keyword arguments.
    fields: dict[str, Any] = {
        get_user_model().USERNAME_FIELD: (
            Annotated[_Secret, Field(min_length=1, max_length=254)],
            Field(description="The name that the user signs in with.", examples=["ada"]),
        ),
        "password": (
            Password,
            Field(description="The user's password."),
        ),
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


class TotpSetup(BaseModel):
    """What the user adds to the authenticator. Shown once."""

    svg: str = Field(description="The QR code as an SVG image, usable inline.", repr=False)
    uri: str = Field(description="The otpauth:// URI, for a link on the device itself.", repr=False)
    secret: str = Field(description="The secret in base32.", repr=False)
    secret_grouped: str = Field(description="The secret in groups of four.", repr=False)
    expires_at: Moment = Field(description="Until when it can be confirmed.")


class TotpBackupCodes(BaseModel):
    """New backup codes. Shown once; older ones no longer work."""

    backup_codes: list[str] = Field(
        repr=False,
        description="The codes, each in groups of four for writing down.",
        examples=[["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"]],
    )


class TotpTokens(BaseModel):
    """Tokens of the JWT library. Absent where the credential is a session cookie."""

    access: str | None = Field(None, repr=False, description="A new access token.")
    refresh: str | None = Field(None, repr=False, description="A new refresh token.")


class TotpConfirmation(TotpBackupCodes, TotpTokens):
    """Backup codes, and tokens of verified standing for a caller who came with one of ours."""


class TotpVerified(TotpTokens):
    """When the second factor was proved, and tokens that say so."""

    verified_at: Moment = Field(description="The moment from which a `max_age` counts.")


class _TrustingLogin(TotpTokens):
    trusted_device_token: str | None = Field(
        None,
        repr=False,
        description="For the next login of this device, in place of a code. Works once.",
    )


class TotpLoginStep(_TrustingLogin):
    """Tokens when the password was enough, otherwise the challenge for the second step."""

    is_totp_enabled: bool = Field(description="Whether a second step follows.")
    totp_challenge_token: str | None = Field(
        None, repr=False, description="For the second step; lives a few minutes, works once."
    )


class TotpLoggedIn(_TrustingLogin):
    """The credentials of a login with both factors."""

    backup_codes_remaining: int | None = Field(
        None, description="How many backup codes are left, after one was used."
    )


class TotpRefreshed(BaseModel):
    """A new access token, and a new refresh token where the JWT library rotates them."""

    access: str = Field(repr=False, description="A new access token.")
    refresh: str | None = Field(
        None, repr=False, description="A new refresh token; the old one no longer works."
    )


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


class TotpEvent(BaseModel):
    """One line of the user's history."""

    id: int = Field(description="Grows with time.", examples=[1702])
    type: str = Field(
        description="What happened. More types may be added.", examples=["backup_code_used"]
    )
    method: str = Field(
        description="By which kind of proof: `otp`, `backup_code`, or empty where there was none.",
        examples=["backup_code"],
    )
    door: str = Field(
        description="Through which door: `ninja`, `drf`, or empty for code of the site's own.",
        examples=["ninja"],
    )
    address: str | None = Field(
        description="From which address; null unless the site keeps addresses.",
        examples=["203.0.113.7"],
    )
    created_at: Moment = Field(description="When.")


class TotpEvents(BaseModel):
    """A page of the user's history, the newest event first."""

    events: list[TotpEvent] = Field(description="The events of the page.")
    next_before: int | None = Field(
        description="What to send as `before` for the next page; null on the last one.",
        examples=[1683],
    )


class TotpTrustedDevice(BaseModel):
    """A device that is asked for no code."""

    id: UUID = Field(description="By which it is revoked.")
    name: str = Field(description="As the user called it.", examples=["Ada's laptop"])
    created_at: Moment = Field(description="Since when.")
    last_used_at: Moment | None = Field(description="When it last logged in, if it did.")
    expires_at: Moment = Field(description="Until when.")


class TotpTrustedDevices(BaseModel):
    """The devices that a user trusts, the newest first."""

    trusted_devices: list[TotpTrustedDevice] = Field(description="The devices.")


class TotpRecoveryAsked(BaseModel):
    """What everybody is told who asks for a link."""

    details: str = Field(description="The same sentence whether there is such an account or not.")


class TotpStatus(BaseModel):
    """What a user may know of their own second factor."""

    is_totp_enabled: bool = Field(description="Whether logging in needs a second step.")
    confirmed_at: Moment | None = Field(description="Since when.")
    last_used_at: Moment | None = Field(description="When a code was last accepted.")
    backup_codes_remaining: int = Field(description="How many unused backup codes are left.")
    backup_codes_low: bool = Field(description="Whether it is time to make new backup codes.")
    pending: bool = Field(description="Whether a new secret waits for its confirmation.")
    is_locked: bool = Field(description="Whether codes are refused for now.")
    locked_until: Moment | None = Field(
        description="When the lock ends. None with `is_locked`: no time ends it; two consecutive "
        "codes, a backup code or a password reset do."
    )
    trusted_devices: int = Field(description="On how many devices the second step is skipped.")
