"""Response bodies. The repr leaves out what must not be logged."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union
from uuid import UUID

from pydantic import AfterValidator, Field, RootModel, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from ninja_totp import clock
from ninja_totp.models import Event
from ninja_totp.schemas.examples import Answer, described

T = TypeVar("T")

# In whole seconds, so that both APIs' encoders write the same.
Moment: TypeAlias = Annotated[
    datetime, AfterValidator(lambda at: clock.in_utc(at).replace(microsecond=0))
]

# A key that may be absent from an answer, and that is never null.
Absent: TypeAlias = Union[T, SkipJsonSchema[None]]  # noqa: UP007 - a generic alias


def absent(description: str, *examples: object, **options: Any) -> Any:  # Any: as Field()
    """Describe a key of the type `Absent[...]`."""

    def without_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)

    options |= {"default": None, "json_schema_extra": without_default}
    return described(description, *examples, **options)


def known(*values: str) -> WithJsonSchema:
    """List the known values in the OpenAPI document. Answers are not validated against them."""
    return WithJsonSchema({"type": "string", "enum": list(values)})


class TotpSetup(Answer):
    """The secret for a new authenticator. Shown once."""

    svg: str = described("The QR code as an SVG image, usable inline.", repr=False)
    uri: str = described("The otpauth:// URI, for a link on the same device.", repr=False)
    secret: str = described("The secret in base32.", repr=False)
    secret_grouped: str = described("The secret in groups of four.", repr=False)
    expires_at: Moment = described("When the secret expires unless it is confirmed.")


class TotpAddedSetup(TotpSetup):
    """The secret for another authenticator. Shown once."""

    id: UUID = described("The id for renaming and removing it after it is confirmed.")


class TotpAuthenticator(Answer):
    """A confirmed authenticator."""

    id: UUID = described("The id for renaming and removing it.")
    type: Annotated[str, known("totp")] = described("The type. More types may be added.", "totp")
    name: str = described("The name that the user chose.", "Phone")
    created_at: Moment = described("When its secret was created.")
    confirmed_at: Moment = described("When it was confirmed. Its codes are accepted since then.")
    last_used_at: Moment | None = described("When one of its codes was last accepted.")


class TotpAuthenticators(Answer):
    """The authenticators of a user, oldest first."""

    authenticators: list[TotpAuthenticator] = described("The authenticators.")
    max: int = described("The maximum number of authenticators.", 3)


class TotpBackupCodes(Answer):
    """New backup codes. Shown once. Older ones no longer work."""

    backup_codes: list[str] = described(
        "The codes, in groups of four characters.", ["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"], repr=False
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

    verified_at: Moment = described("The time from which `max_age` counts.")


class _TrustingLogin(TotpTokens):
    trusted_device_token: Absent[str] = absent(
        "Replaces the code at the next login of this device. Works once.", repr=False
    )


_IS_ENABLED: Any = described("Whether a code is required (as in django-totp).")


class TotpLoggedInByPassword(_TrustingLogin):
    """The login is complete: the password was enough."""

    step: Literal["logged_in"] = described("The login is complete.")
    is_totp_enabled: Literal[False] = _IS_ENABLED
    enrolment_due_at: Absent[Moment] = absent("When the account must have 2FA.")


class TotpCodeRequired(Answer):
    """A code is required: the challenge for the second step."""

    step: Literal["code_required"] = described("The second step follows.")
    is_totp_enabled: Literal[True] = _IS_ENABLED
    totp_challenge_token: str = described(
        "The token for the second step. It works once, for a few minutes.", repr=False
    )


class TotpEnrolmentStep(Answer):
    """The site requires 2FA, and the account has none yet."""

    step: Literal["enrolment_required"] = described("The user must set up 2FA.")
    is_totp_enabled: Literal[False] = _IS_ENABLED
    totp_enrolment_token: str = described(
        "The token for setting up 2FA, and for nothing else.", repr=False
    )


FirstStep = TotpLoggedInByPassword | TotpCodeRequired | TotpEnrolmentStep


class TotpLoginStep(RootModel[Annotated[FirstStep, Field(discriminator="step")]]):
    """The answer to a correct password. `step` says which of the three it is."""


class TotpLoggedIn(_TrustingLogin):
    """The credentials of a login with both factors."""

    backup_codes_remaining: Absent[int] = absent("How many backup codes are left, if one was used.")


class TotpRefreshed(TotpTokens):
    """A new access token, and a new refresh token if the JWT library rotates them."""

    access: str = described("A new access token.", repr=False)
    refresh: Absent[str] = absent("A new refresh token. The old one no longer works.", repr=False)


class TotpTokenValid(Answer):
    """The token is valid. The body is empty."""


class TotpEvent(Answer):
    """One event."""

    id: int = described("The id. Newer events have larger ones.", 1702)
    type: Annotated[str, known(*Event.Type.values)] = described(
        "What happened. More types may be added.", "backup_code_used"
    )
    method: Annotated[str, known("otp", "backup_code", "")] = described(
        "The kind of code: `otp`, `backup_code`, or empty if there was none.", "backup_code"
    )
    factor: Annotated[str, known("totp", "")] = described(
        "The type of the authenticator: `totp`, or empty if there is none.", "totp"
    )
    name: str = described("The name of the authenticator, or empty.", "Phone")
    door: Annotated[str, known("ninja", "drf", "")] = described(
        "The API: `ninja`, `drf`, or empty for the site's own code.", "ninja"
    )
    address: str | None = described(
        "The IP address; null unless the site stores addresses.", "203.0.113.7"
    )
    created_at: Moment = described("When it happened.")


class TotpEvents(Answer):
    """A page of events, newest first."""

    events: list[TotpEvent] = described("The events of the page.")
    next_before: int | None = described(
        "Send this as `before` for the next page. Null on the last page.", 1683
    )


class TotpTrustedDevice(Answer):
    """A device that logs in without a code."""

    id: UUID = described("The id for removing it.")
    name: str = described("The name that the user chose.", "Ada's laptop")
    created_at: Moment = described("When it was trusted.")
    last_used_at: Moment | None = described("When it last logged in; null if it has not.")
    expires_at: Moment = described("When the trust ends.")


class TotpTrustedDevices(Answer):
    """The trusted devices of a user, newest first."""

    trusted_devices: list[TotpTrustedDevice] = described("The devices.")


class TotpRecoveryAsked(Answer):
    """The answer to every request for a link."""

    details: str = described("A sentence. It is the same whether the account exists or not.")


class TotpStatus(Answer):
    """The status of the user's two-factor authentication."""

    is_totp_enabled: bool = described("Whether a login needs a code.")
    confirmed_at: Moment | None = described("When 2FA was turned on.")
    last_used_at: Moment | None = described("When a code was last accepted.")
    backup_codes_remaining: int = described("How many unused backup codes are left.", 10)
    backup_codes_low: bool = described("Whether the user should create new backup codes.")
    authenticators: int = described("How many confirmed authenticators there are.", 1)
    pending: bool = described("Whether a new secret waits to be confirmed.")
    is_locked: bool = described("Whether codes are locked for now.")
    locked_until: Moment | None = described(
        "When the lock ends. Null with `is_locked`: it does not end by itself. "
        "Two consecutive codes, a backup code or a new password end it."
    )
    trusted_devices: int = described("How many devices log in without a code.", 0)
