"""The TOTP_* settings as one frozen Pydantic model, built on first use.

`checks/` reports wrong values at start-up. Nothing in the package reads a TOTP_* setting while a
module is imported.
"""

from functools import cache, cached_property
from typing import Literal

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from ninja_totp.conf import types
from ninja_totp.core.lockout import LockoutPolicy
from ninja_totp.core.otp import OtpParameters

PREFIX = "TOTP_"
# The salt of django-totp, so that both sign alike during a migration.
DEFAULT_TOKEN_SALT = "django-totp-token-salt"  # noqa: S105 - a salt, and no secret
_DAY = 86_400


class TotpSettings(BaseModel):
    """All settings of the package, validated. Durations are in seconds.

    A field is the setting in lower case without its prefix, unless it has an alias. The bounds
    protect the guarantee of the README: `TOTP_WINDOW = 3` would accept a code for three and a half
    minutes.
    """

    model_config = ConfigDict(
        alias_generator=lambda field: PREFIX + field.upper(),
        arbitrary_types_allowed=True,
        frozen=True,
        hide_input_in_errors=True,
        strict=True,
        validate_default=True,
    )

    # Encrypts secrets and backup codes.
    key_ring: types.Keys = Field(None, alias="TOTP_ENCRYPTION_KEY", validate_default=True)
    issuer: types.Text = "MyApp"  # The name of the site in the authenticator app.
    digits: types.Digits = 6  # The length of a code.
    period: int = Field(30, ge=15, le=120)  # How long a code is valid.
    algorithm: Literal["SHA1", "SHA256", "SHA512"] = "SHA1"  # The hash of the HMAC.
    window: int = Field(1, ge=0, le=2)  # Periods that a code may be early or late.
    max_authenticators: int = Field(3, ge=1, le=5)  # Authenticators per user.
    max_backup_codes: int = Field(10, ge=1, le=100)  # Backup codes per user.
    backup_code_length: types.BackupCodeLength = 24  # 24 characters (120 bits) or 16 (80 bits).
    store_backup_code_ciphertext: bool = True  # False stores only the fingerprint of a backup code.
    # Rate limit: requests of one caller to one endpoint; None is no limit.
    throttle_rate: types.RateText | None = Field("10/minute", validate_default=True)
    throttle_cache: types.CacheAlias = "default"  # The cache that counts requests.
    num_proxies: int | None = Field(None, ge=0, le=10)  # Which append to X-Forwarded-For.
    token_salt: types.Text = DEFAULT_TOKEN_SALT  # The salt of challenge tokens.
    # The lifetime of a challenge; None uses the default of the API.
    token_max_age: int | None = Field(None, ge=10, le=600)
    challenge_max_attempts: int = Field(5, ge=1, le=10)  # Attempts per challenge.
    two_code_unlock: bool = True  # Whether two consecutive codes end a lock.
    pending_max_age: int = Field(600, ge=60, le=_DAY)  # How long a new secret can be confirmed.
    step_up_max_age: int = Field(900, ge=10, le=_DAY)  # How long a proof of both factors is recent.
    verify_url: types.Text | None = None  # The page where users enter a code; None answers 403.
    enrol_url: types.Text | None = None  # The page to set up required 2FA; None answers 403.
    # Paths that SecondFactorMiddleware leaves open; /* at the end means all below.
    exempt_paths: types.Paths = Field((), validate_default=True)
    # The maximum age of a proof for SecondFactorMiddleware; None is any age.
    session_max_age: int | None = Field(None, ge=60, le=90 * _DAY)
    require_code: bool = True  # Whether credentials of an unknown kind need a code in the request.
    required: types.Required | None = None  # Which users must have 2FA; None is no user.
    # When the requirement starts, in seconds since the epoch.
    required_since: types.Moment = Field(None, alias="TOTP_REQUIRED_FROM", validate_default=True)
    required_grace: int = Field(0, ge=0, le=90 * _DAY)  # The grace period of a user.
    # The lifetime of a trusted device; None allows none: NIST SP 800-63B-4, 5.1 counts a login from
    # one as one factor.
    trusted_device_max_age: int | None = Field(None, ge=3600, le=90 * _DAY)
    event_addresses: bool = False  # Whether the history stores IP addresses.
    notices: types.Notices = Field(types.NOTICES, validate_default=True)  # Events that send a mail.
    notice_email_template: types.Text = "email/totp_notice.html"  # The template of that mail.
    lockout_free_failures: int = Field(5, ge=1, le=10)  # The failure in a row that first locks.
    lockout_first_delay: int = Field(30, ge=1, le=3600)  # The duration of the first lock.
    lockout_longest_delay: int = Field(3600, ge=1, le=_DAY)  # The longest for failures in a row.
    lockout_budget: int = Field(20, ge=1, le=100)  # Failures that may be outstanding.
    lockout_refill: int = Field(_DAY, ge=3600, le=30 * _DAY)  # When one failure is forgiven.
    lockout_hard_cap: int = Field(100, ge=10, le=100)  # Failures that lock until an operator acts.
    recovery_enabled: bool = True  # Whether recovery by email is on.
    recovery_new_password: bool = True  # Whether a recovery must set a new password.
    # NIST SP 800-63B-4, 4.2.1.2: a recovery code that was mailed lives a day at most.
    recovery_max_age: int = Field(3600, ge=300, le=_DAY)  # How long a link works.
    recovery_cooldown: int = Field(300, ge=30, le=_DAY)  # How long an account gets no other link.
    recovery_delay: int = Field(0, ge=0, le=30 * _DAY)  # How long to wait before a link works.
    recovery_confirm_url: types.Link = "/totp-recovery/{uid}/{token}"  # The page for the password.
    recovery_cancel_url: types.Link = "/totp-recovery-cancel/{uid}/{token}"  # The page to cancel.
    recovery_email_template: types.Text = "email/totp_recovery.html"  # The mail with the link.
    disabled_email_template: types.Text = "email/totp_disabled.html"  # The mail that 2FA is off.
    # Runs a job outside the request.
    recovery_dispatcher: types.Dispatcher = Field(
        "ninja_totp.emails.in_background", validate_default=True
    )
    # What django-totp reads without a prefix, with its defaults.
    protocol: str = Field("http", alias="PROTOCOL")  # The scheme of the frontend.
    domain: str = Field("localhost:3000", alias="DOMAIN")  # The host of the frontend.
    site_name: str = Field("", alias="SITE_NAME")  # The name of the site, else TOTP_ISSUER.

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
    if problems := setting_problems():
        raise ImproperlyConfigured(" ".join(sentence for _, sentence in problems))
    return _read()


def setting_problems() -> list[tuple[str, str]]:
    """Return (setting, sentence) for each wrong TOTP_* setting."""
    try:
        _read()
    except ValidationError as error:
        return [_problem(one) for one in error.errors(include_input=False)]
    return []


def _read() -> TotpSettings:
    names = [name for name in _FIELDS if hasattr(django_settings, name)]
    # No local variable contains the values: an error report would show the keys.
    return TotpSettings.model_validate({name: getattr(django_settings, name) for name in names})


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
            lowest = next(bound.ge for bound in field.metadata if hasattr(bound, "ge"))
            highest = next(bound.le for bound in field.metadata if hasattr(bound, "le"))
            reason = f"must be a whole number from {lowest} to {highest}."
    return str(field.alias), f"{field.alias} {reason}"


@receiver(setting_changed, dispatch_uid="ninja_totp.conf")
def _forget_settings(*, setting: str, **_: object) -> None:
    if setting in _FIELDS:
        get_settings.cache_clear()
