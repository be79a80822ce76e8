"""Response bodies. The repr leaves out what must not be logged."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union
from uuid import UUID

from pydantic import AfterValidator, Field, RootModel, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from ninja_totp import clock
from ninja_totp.models import Event
from ninja_totp.schemas.examples import Answer

T = TypeVar("T")

# In whole seconds, so that both APIs' encoders write the same.
Moment: TypeAlias = Annotated[
    datetime, AfterValidator(lambda at: clock.in_utc(at).replace(microsecond=0))
]

# A key that may be absent from an answer, and that is never null.
Absent: TypeAlias = Union[T, SkipJsonSchema[None]]  # noqa: UP007 - a generic alias


def absent(description: str, **options: Any) -> Any:  # Any: a FieldInfo, as Field() returns it
    """Describe a key of the type `Absent[...]`."""

    def without_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)

    return Field(None, description=description, json_schema_extra=without_default, **options)


def known(*values: str) -> WithJsonSchema:
    """List the known values in the OpenAPI document. Answers are not validated against them."""
    return WithJsonSchema({"type": "string", "enum": list(values)})


class TotpSetup(Answer):
    """The secret for a new authenticator. Shown once."""

    svg: str = Field(description="The QR code as an SVG image, usable inline.", repr=False)
    uri: str = Field(description="The otpauth:// URI, for a link on the same device.", repr=False)
    secret: str = Field(description="The secret in base32.", repr=False)
    secret_grouped: str = Field(description="The secret in groups of four.", repr=False)
    expires_at: Moment = Field(description="When the secret expires unless it is confirmed.")


class TotpAddedSetup(TotpSetup):
    """The secret for another authenticator. Shown once."""

    id: UUID = Field(description="The id for renaming and removing it after it is confirmed.")


class TotpAuthenticator(Answer):
    """A confirmed authenticator."""

    id: UUID = Field(description="The id for renaming and removing it.")
    type: Annotated[str, known("totp")] = Field(
        description="The type. More types may be added.", examples=["totp"]
    )
    name: str = Field(description="The name that the user chose.", examples=["Phone"])
    created_at: Moment = Field(description="When its secret was created.")
    confirmed_at: Moment = Field(
        description="When it was confirmed. Its codes are accepted since then."
    )
    last_used_at: Moment | None = Field(description="When one of its codes was last accepted.")


class TotpAuthenticators(Answer):
    """The authenticators of a user, oldest first."""

    authenticators: list[TotpAuthenticator] = Field(description="The authenticators.")
    max: int = Field(description="The maximum number of authenticators.", examples=[3])


class TotpBackupCodes(Answer):
    """New backup codes. Shown once. Older ones no longer work."""

    backup_codes: list[str] = Field(
        repr=False,
        description="The codes, in groups of four characters.",
        examples=[["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"]],
    )


class TotpTokens(Answer):
    """Tokens of the JWT library. Absent if the credential is a session cookie."""

    access: Absent[str] = absent("A new access token.", repr=False)
    refresh: Absent[str] = absent("A new refresh token.", repr=False)


class TotpConfirmation(TotpBackupCodes, TotpTokens):
    """New backup codes, and new tokens with the second factor for a caller with a token.

    No backup codes after adding another authenticator: the old ones still work.
    """


class TotpVerified(TotpTokens):
    """When the second factor was verified, and new tokens that say so."""

    verified_at: Moment = Field(description="The time from which `max_age` counts.")


class _TrustingLogin(TotpTokens):
    trusted_device_token: Absent[str] = absent(
        "Replaces the code at the next login of this device. Works once.", repr=False
    )


_IS_ENABLED: Any = Field(description="Whether a code is required (as in django-totp).")


class TotpLoggedInByPassword(_TrustingLogin):
    """The login is complete: the password was enough."""

    step: Literal["logged_in"] = Field(description="The login is complete.")
    is_totp_enabled: Literal[False] = _IS_ENABLED
    enrolment_due_at: Absent[Moment] = absent("When the account must have 2FA.")


class TotpCodeRequired(Answer):
    """A code is required: the challenge for the second step."""

    step: Literal["code_required"] = Field(description="The second step follows.")
    is_totp_enabled: Literal[True] = _IS_ENABLED
    totp_challenge_token: str = Field(
        repr=False, description="The token for the second step. It works once, for a few minutes."
    )


class TotpEnrolmentStep(Answer):
    """The site requires 2FA, and the account has none yet."""

    step: Literal["enrolment_required"] = Field(description="The user must set up 2FA.")
    is_totp_enabled: Literal[False] = _IS_ENABLED
    totp_enrolment_token: str = Field(
        repr=False, description="The token for setting up 2FA, and for nothing else."
    )


FirstStep = TotpLoggedInByPassword | TotpCodeRequired | TotpEnrolmentStep


class TotpLoginStep(RootModel[Annotated[FirstStep, Field(discriminator="step")]]):
    """The answer to a correct password. `step` says which of the three it is."""


class TotpLoggedIn(_TrustingLogin):
    """The credentials of a login with both factors."""

    backup_codes_remaining: Absent[int] = absent("How many backup codes are left, if one was used.")


class TotpRefreshed(TotpTokens):
    """A new access token, and a new refresh token if the JWT library rotates them."""

    access: str = Field(repr=False, description="A new access token.")
    refresh: Absent[str] = absent("A new refresh token. The old one no longer works.", repr=False)


class TotpTokenValid(Answer):
    """The token is valid. The body is empty."""


class TotpEvent(Answer):
    """One event."""

    id: int = Field(description="The id. Newer events have larger ones.", examples=[1702])
    type: Annotated[str, known(*Event.Type.values)] = Field(
        description="What happened. More types may be added.", examples=["backup_code_used"]
    )
    method: Annotated[str, known("otp", "backup_code", "")] = Field(
        description="The kind of code: `otp`, `backup_code`, or empty if there was none.",
        examples=["backup_code"],
    )
    factor: Annotated[str, known("totp", "")] = Field(
        description="The type of the authenticator: `totp`, or empty if there is none.",
        examples=["totp"],
    )
    name: str = Field(description="The name of the authenticator, or empty.", examples=["Phone"])
    door: Annotated[str, known("ninja", "drf", "")] = Field(
        description="The API: `ninja`, `drf`, or empty for the site's own code.",
        examples=["ninja"],
    )
    address: str | None = Field(
        description="The IP address; null unless the site stores addresses.",
        examples=["203.0.113.7"],
    )
    created_at: Moment = Field(description="When it happened.")


class TotpEvents(Answer):
    """A page of events, newest first."""

    events: list[TotpEvent] = Field(description="The events of the page.")
    next_before: int | None = Field(
        description="Send this as `before` for the next page. Null on the last page.",
        examples=[1683],
    )


class TotpTrustedDevice(Answer):
    """A device that logs in without a code."""

    id: UUID = Field(description="The id for removing it.")
    name: str = Field(description="The name that the user chose.", examples=["Ada's laptop"])
    created_at: Moment = Field(description="When it was trusted.")
    last_used_at: Moment | None = Field(description="When it last logged in; null if it has not.")
    expires_at: Moment = Field(description="When the trust ends.")


class TotpTrustedDevices(Answer):
    """The trusted devices of a user, newest first."""

    trusted_devices: list[TotpTrustedDevice] = Field(description="The devices.")


class TotpRecoveryAsked(Answer):
    """The answer to every request for a link."""

    details: str = Field(
        description="A sentence. It is the same whether the account exists or not."
    )


class TotpStatus(Answer):
    """The status of the user's two-factor authentication."""

    is_totp_enabled: bool = Field(description="Whether a login needs a code.")
    confirmed_at: Moment | None = Field(description="When 2FA was turned on.")
    last_used_at: Moment | None = Field(description="When a code was last accepted.")
    backup_codes_remaining: int = Field(
        description="How many unused backup codes are left.", examples=[10]
    )
    backup_codes_low: bool = Field(description="Whether the user should create new backup codes.")
    authenticators: int = Field(
        description="How many confirmed authenticators there are.", examples=[1]
    )
    pending: bool = Field(description="Whether a new secret waits to be confirmed.")
    is_locked: bool = Field(description="Whether codes are locked for now.")
    locked_until: Moment | None = Field(
        description="When the lock ends. Null with `is_locked`: it does not end by itself. "
        "Two consecutive codes, a backup code or a new password end it."
    )
    trusted_devices: int = Field(
        description="How many devices log in without a code.", examples=[0]
    )
