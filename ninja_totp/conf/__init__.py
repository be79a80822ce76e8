"""The TOTP_* settings as one frozen Pydantic model, built on first use.

`checks/` reports wrong values at start-up. Nothing in the package reads a TOTP_* setting while a
module is imported.
"""

from functools import cache, cached_property
from typing import Literal

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ninja_totp.conf import types
from ninja_totp.core.lockout import LockoutPolicy
from ninja_totp.core.otp import OtpParameters

PREFIX = "TOTP_"
# The salt of django-totp, so that both sign alike during a migration.
DEFAULT_TOKEN_SALT = "django-totp-token-salt"  # noqa: S105 - a salt, and no secret
_DAY = 86_400


def _alias(field: str) -> str:
    return PREFIX + field.upper()


class TotpSettings(BaseModel):
    """All settings of the package, validated. Durations are in seconds.

    A field is the setting in lower case without its prefix, unless it has an alias. The bounds
    protect the guarantee of the README: `TOTP_WINDOW = 3` would accept a code for three and a half
    minutes.
    """

    model_config = ConfigDict(
        alias_generator=_alias,
        arbitrary_types_allowed=True,
        frozen=True,
        hide_input_in_errors=True,
        strict=True,
        validate_default=True,
    )

    key_ring: types.Keys = Field(
        None,
        alias="TOTP_ENCRYPTION_KEY",
        validate_default=True,
        description="Encrypts secrets and backup codes.",
    )
    issuer: types.Text = Field(
        "MyApp", description="The name of the site in the authenticator app."
    )
    digits: types.Digits = Field(6, description="The length of a code.")
    period: int = Field(30, ge=15, le=120, description="How long a code is valid.")
    algorithm: Literal["SHA1", "SHA256", "SHA512"] = Field(
        "SHA1", description="The hash of the HMAC."
    )
    window: int = Field(1, ge=0, le=2, description="Periods that a code may be early or late.")
    max_authenticators: int = Field(3, ge=1, le=5, description="Authenticators per user.")
    max_backup_codes: int = Field(10, ge=1, le=100, description="Backup codes per user.")
    backup_code_length: types.BackupCodeLength = Field(
        24,
        description="Characters of a backup code: 24 (120 bits) or 16 (80 bits, faster to copy).",
    )
    store_backup_code_ciphertext: bool = Field(
        default=True, description="False stores only the fingerprint of a backup code."
    )
    throttle_rate: types.RateText | None = Field(
        "10/minute",
        validate_default=True,
        description="Rate limit: requests of one caller to one endpoint; None is no limit.",
    )
    throttle_cache: types.CacheAlias = Field(
        "default", description="The cache that counts requests."
    )
    num_proxies: int | None = Field(
        None, ge=0, le=10, description="Proxies that append to X-Forwarded-For; None is unknown."
    )
    token_salt: types.Text = Field(DEFAULT_TOKEN_SALT, description="The salt of challenge tokens.")
    token_max_age: int | None = Field(
        None,
        ge=10,
        le=600,
        description="The lifetime of a challenge; None uses the default of the API.",
    )
    challenge_max_attempts: int = Field(5, ge=1, le=10, description="Attempts per challenge.")
    two_code_unlock: bool = Field(
        default=True, description="Whether two consecutive codes end a lock."
    )
    pending_max_age: int = Field(
        600, ge=60, le=_DAY, description="How long a new secret can be confirmed."
    )
    step_up_max_age: int = Field(
        900, ge=10, le=_DAY, description="How long a proof of the second factor is recent."
    )
    verify_url: types.Text | None = Field(
        None, description="The page where users enter a code; None answers 403."
    )
    enrol_url: types.Text | None = Field(
        None, description="The page where users set up required 2FA; None answers 403."
    )
    exempt_paths: types.Paths = Field(
        (),
        validate_default=True,
        description="Paths without SecondFactorMiddleware; /* at the end means all below.",
    )
    session_max_age: int | None = Field(
        None,
        ge=60,
        le=90 * _DAY,
        description="The maximum age of a proof for SecondFactorMiddleware; None is any age.",
    )
    require_code: bool = Field(
        default=True,
        description="Whether credentials of an unknown kind need a code in the request.",
    )
    required: types.Required | None = Field(
        None, description="Which users must have 2FA; None is no user."
    )
    required_since: types.Moment = Field(
        None,
        alias="TOTP_REQUIRED_FROM",
        validate_default=True,
        description="When the requirement starts, in seconds since the epoch.",
    )
    required_grace: int = Field(0, ge=0, le=90 * _DAY, description="The grace period of a user.")
    # NIST SP 800-63B-4, 5.1 counts a login from a trusted device as one factor.
    trusted_device_max_age: int | None = Field(
        None,
        ge=3600,
        le=90 * _DAY,
        description="The lifetime of a trusted device; None allows none.",
    )
    event_addresses: bool = Field(
        default=False, description="Whether the history stores IP addresses."
    )
    notices: types.Notices = Field(
        types.NOTICES, validate_default=True, description="The events that send a mail."
    )
    notice_email_template: types.Text = Field(
        "email/totp_notice.html", description="The template of that mail."
    )
    lockout_free_failures: int = Field(
        5, ge=1, le=10, description="The failure in a row that starts the first lock."
    )
    lockout_first_delay: int = Field(
        30, ge=1, le=3600, description="The duration of the first lock."
    )
    lockout_longest_delay: int = Field(
        3600, ge=1, le=_DAY, description="The longest lock for failures in a row."
    )
    lockout_budget: int = Field(20, ge=1, le=100, description="Failures that may be outstanding.")
    lockout_refill: int = Field(
        _DAY, ge=3600, le=30 * _DAY, description="After how long one failure is forgiven."
    )
    lockout_hard_cap: int = Field(
        100, ge=10, le=100, description="Failures in a row that lock until an operator acts."
    )
    recovery_enabled: bool = Field(default=True, description="Whether recovery by email is on.")
    recovery_new_password: bool = Field(
        default=True, description="Whether a recovery must set a new password."
    )
    # NIST SP 800-63B-4, 4.2.1.2: a recovery code that was mailed lives a day at most.
    recovery_max_age: int = Field(3600, ge=300, le=_DAY, description="How long a link works.")
    recovery_cooldown: int = Field(
        300, ge=30, le=_DAY, description="How long an account gets no other link."
    )
    recovery_delay: int = Field(
        0, ge=0, le=30 * _DAY, description="How long to wait before a link works."
    )
    recovery_confirm_url: types.Link = Field(
        "/totp-recovery/{uid}/{token}", description="The page that asks for the password."
    )
    recovery_cancel_url: types.Link = Field(
        "/totp-recovery-cancel/{uid}/{token}", description="The page that cancels a recovery."
    )
    recovery_email_template: types.Text = Field(
        "email/totp_recovery.html", description="The template of the mail with the link."
    )
    disabled_email_template: types.Text = Field(
        "email/totp_disabled.html", description="The template of the mail that 2FA is off."
    )
    recovery_dispatcher: types.Dispatcher = Field(
        "ninja_totp.emails.in_background",
        validate_default=True,
        description="Runs a job outside the request.",
    )
    # What django-totp reads without a prefix, with its defaults.
    protocol: str = Field("http", alias="PROTOCOL", description="The scheme of the frontend.")
    domain: str = Field("localhost:3000", alias="DOMAIN", description="The host of the frontend.")
    site_name: str = Field(
        "", alias="SITE_NAME", description="The name of the site; the default is TOTP_ISSUER."
    )

    @field_validator("protocol", "domain", "site_name", mode="before")
    @classmethod
    def _text_or_default(cls, value: object, info: ValidationInfo) -> object:
        # A project may use these names for something else, so no value is an error.
        if isinstance(value, str) and value:
            return value
        default: str = cls.model_fields[str(info.field_name)].default
        return default or info.data.get("issuer", "")

    @cached_property
    def parameters(self) -> OtpParameters:
        """The parameters of a new authenticator."""
        return OtpParameters(self.digits, self.period, self.algorithm)

    @cached_property
    def lockout(self) -> LockoutPolicy:
        """The lockout policy. Its longest delay is never below the first one."""
        return LockoutPolicy(
            free_failures=self.lockout_free_failures,
            first_delay_seconds=self.lockout_first_delay,
            longest_delay_seconds=max(self.lockout_first_delay, self.lockout_longest_delay),
            budget=self.lockout_budget,
            refill_seconds=self.lockout_refill,
            hard_cap=self.lockout_hard_cap,
        )


_FIELDS = {str(field.alias): field for field in TotpSettings.model_fields.values()}


@cache
def get_settings() -> TotpSettings:
    """Return the settings. ImproperlyConfigured names each wrong one."""
    settings, problems = _read()
    if settings is None:
        raise ImproperlyConfigured(" ".join(sentence for _, sentence in problems))
    return settings


def setting_problems() -> list[tuple[str, str]]:
    """Return (setting, sentence) for each wrong TOTP_* setting."""
    return _read()[1]


def _read() -> tuple[TotpSettings | None, list[tuple[str, str]]]:
    names = [name for name in _FIELDS if hasattr(django_settings, name)]
    try:
        # No local variable contains the values: an error report would show the keys.
        return TotpSettings.model_validate(
            {name: getattr(django_settings, name) for name in names}
        ), []
    except ValidationError as error:
        return None, [_problem(one) for one in error.errors(include_input=False)]


def _problem(error: ErrorDetails) -> tuple[str, str]:
    # The location of a wrong value is its setting, that of a wrong default its field.
    location, context = str(error["loc"][0]), error.get("ctx", {})
    field = TotpSettings.model_fields.get(location) or _FIELDS[location]
    match error["type"]:
        case "value_error":
            reason = str(context["error"])
        case "literal_error":
            reason = f"must be {context['expected']}."
        case "bool_type":
            reason = "must be True or False."
        case _:
            reason = "must be a whole number from {} to {}.".format(*_bounds(field))
    return str(field.alias), f"{field.alias} {reason}"


def _bounds(field: FieldInfo) -> tuple[int, int]:
    lowest = next(bound.ge for bound in field.metadata if hasattr(bound, "ge"))
    return lowest, next(bound.le for bound in field.metadata if hasattr(bound, "le"))


def _forget_settings(*, setting: str, **_: object) -> None:
    if setting in _FIELDS:
        get_settings.cache_clear()


setting_changed.connect(_forget_settings, dispatch_uid="ninja_totp.conf")
