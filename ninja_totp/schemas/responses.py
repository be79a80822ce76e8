"""What goes out. What a client must not log is left out of the repr."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from ninja_totp.models import Event
from ninja_totp.schemas.examples import Answer
from ninja_totp.schemas.fields import Absent, Moment, absent, known


class TotpSetup(Answer):
    """What the user adds to the authenticator. Shown once."""

    svg: str = Field(description="The QR code as an SVG image, usable inline.", repr=False)
    uri: str = Field(description="The otpauth:// URI, for a link on the device itself.", repr=False)
    secret: str = Field(description="The secret in base32.", repr=False)
    secret_grouped: str = Field(description="The secret in groups of four.", repr=False)
    expires_at: Moment = Field(description="Until when it can be confirmed.")


class TotpAddedSetup(TotpSetup):
    """What the user adds to one more authenticator. Shown once."""

    id: UUID = Field(description="By which it is renamed and removed, once it is confirmed.")


class TotpAuthenticator(Answer):
    """An authenticator in use."""

    id: UUID = Field(description="By which it is renamed and removed.")
    type: Annotated[str, known("totp")] = Field(
        description="Its kind. More kinds may be added.", examples=["totp"]
    )
    name: str = Field(description="As the user called it.", examples=["Phone"])
    created_at: Moment = Field(description="When its secret was made.")
    confirmed_at: Moment = Field(description="Since when its codes are accepted.")
    last_used_at: Moment | None = Field(description="When one of its codes was last accepted.")


class TotpAuthenticators(Answer):
    """The authenticators of a user, the oldest first."""

    authenticators: list[TotpAuthenticator] = Field(description="The authenticators.")
    max: int = Field(description="How many a user can have.", examples=[3])


class TotpBackupCodes(Answer):
    """New backup codes. Shown once; older ones no longer work."""

    backup_codes: list[str] = Field(
        repr=False,
        description="The codes, each in groups of four for writing down.",
        examples=[["4K7W-0RTZ-M3XV-9DPQ-J2HB-6YNE"]],
    )


class TotpTokens(Answer):
    """Tokens of the JWT library. Absent where the credential is a session cookie."""

    access: Absent[str] = absent("A new access token.", repr=False)
    refresh: Absent[str] = absent("A new refresh token.", repr=False)


class TotpConfirmation(TotpBackupCodes, TotpTokens):
    """Backup codes, and tokens of verified standing for a caller who came with one of ours.

    No backup codes when an authenticator was added: those that the user has still work.
    """


class TotpVerified(TotpTokens):
    """When the second factor was proved, and tokens that say so."""

    verified_at: Moment = Field(description="The moment from which a `max_age` counts.")


class _TrustingLogin(TotpTokens):
    trusted_device_token: Absent[str] = absent(
        "For the next login of this device, in place of a code. Works once.", repr=False
    )


_IS_ENABLED: Any = Field(description="Whether a code is asked for, as django-totp tells it.")


class TotpLoggedInByPassword(_TrustingLogin):
    """The password was enough: the credentials of the login."""

    step: Literal["logged_in"] = Field(description="The login is complete.")
    is_totp_enabled: Literal[False] = _IS_ENABLED
    enrolment_due_at: Absent[Moment] = absent(
        "From when the site wants a second factor of this account."
    )


class TotpCodeRequired(Answer):
    """A code is asked for: the challenge for the second step."""

    step: Literal["code_required"] = Field(description="The second step follows.")
    is_totp_enabled: Literal[True] = _IS_ENABLED
    totp_challenge_token: str = Field(
        repr=False, description="For the second step; lives a few minutes, works once."
    )


class TotpEnrolmentStep(Answer):
    """The site wants a second factor of this account, which has none yet."""

    step: Literal["enrolment_required"] = Field(description="A second factor must be set up.")
    is_totp_enabled: Literal[False] = _IS_ENABLED
    totp_enrolment_token: str = Field(
        repr=False, description="For setting up the second factor, and for nothing else."
    )


FirstStep = TotpLoggedInByPassword | TotpCodeRequired | TotpEnrolmentStep


class TotpLoginStep(RootModel[Annotated[FirstStep, Field(discriminator="step")]]):
    """What a right password leads to; `step` tells which of the three it is."""


class TotpLoggedIn(_TrustingLogin):
    """The credentials of a login with both factors."""

    backup_codes_remaining: Absent[int] = absent(
        "How many backup codes are left, after one was used."
    )


class TotpRefreshed(TotpTokens):
    """A new access token, and a new refresh token where the JWT library rotates them."""

    access: str = Field(repr=False, description="A new access token.")
    refresh: Absent[str] = absent("A new refresh token; the old one no longer works.", repr=False)


class TotpTokenValid(Answer):
    """The token is valid. There is nothing more to say of it."""


class TotpEvent(Answer):
    """One line of the user's history."""

    id: int = Field(description="Grows with time.", examples=[1702])
    type: Annotated[str, known(*Event.Type.values)] = Field(
        description="What happened. More types may be added.", examples=["backup_code_used"]
    )
    method: Annotated[str, known("otp", "backup_code", "")] = Field(
        description="By which kind of proof: `otp`, `backup_code`, or empty where there was none.",
        examples=["backup_code"],
    )
    factor: Annotated[str, known("totp", "")] = Field(
        description="The kind of the authenticator that it is about: `totp`, or empty for none.",
        examples=["totp"],
    )
    name: str = Field(description="Its name, or empty.", examples=["Phone"])
    door: Annotated[str, known("ninja", "drf", "")] = Field(
        description="Through which door: `ninja`, `drf`, or empty for code of the site's own.",
        examples=["ninja"],
    )
    address: str | None = Field(
        description="From which address; null unless the site keeps addresses.",
        examples=["203.0.113.7"],
    )
    created_at: Moment = Field(description="When.")


class TotpEvents(Answer):
    """A page of the user's history, the newest event first."""

    events: list[TotpEvent] = Field(description="The events of the page.")
    next_before: int | None = Field(
        description="What to send as `before` for the next page; null on the last one.",
        examples=[1683],
    )


class TotpTrustedDevice(Answer):
    """A device that is asked for no code."""

    id: UUID = Field(description="By which it is revoked.")
    name: str = Field(description="As the user called it.", examples=["Ada's laptop"])
    created_at: Moment = Field(description="Since when.")
    last_used_at: Moment | None = Field(description="When it last logged in, if it did.")
    expires_at: Moment = Field(description="Until when.")


class TotpTrustedDevices(Answer):
    """The devices that a user trusts, the newest first."""

    trusted_devices: list[TotpTrustedDevice] = Field(description="The devices.")


class TotpRecoveryAsked(Answer):
    """What everybody is told who asks for a link."""

    details: str = Field(description="The same sentence whether there is such an account or not.")


class TotpStatus(Answer):
    """What a user may know of their own second factor."""

    is_totp_enabled: bool = Field(description="Whether logging in needs a second step.")
    confirmed_at: Moment | None = Field(description="Since when.")
    last_used_at: Moment | None = Field(description="When a code was last accepted.")
    backup_codes_remaining: int = Field(
        description="How many unused backup codes are left.", examples=[10]
    )
    backup_codes_low: bool = Field(description="Whether it is time to make new backup codes.")
    authenticators: int = Field(
        description="From how many authenticators codes are accepted.", examples=[1]
    )
    pending: bool = Field(description="Whether a new secret waits for its confirmation.")
    is_locked: bool = Field(description="Whether codes are refused for now.")
    locked_until: Moment | None = Field(
        description="When the lock ends. None with `is_locked`: no time ends it; two consecutive "
        "codes, a backup code or a password reset do."
    )
    trusted_devices: int = Field(
        description="On how many devices the second step is skipped.", examples=[0]
    )
