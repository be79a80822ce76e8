"""The TOTP_* settings as one frozen, typed object, built when first used.

What a setting means, its default and its bounds stand here; `checks.py` reports what is wrong
with them at start-up. Nothing in the package reads `django.conf.settings` for a TOTP_* name
anywhere else, and nothing reads one while a module is being imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from ninja_totp import setting_readers as read
from ninja_totp.core.encryption import KeyRing
from ninja_totp.core.lockout import LockoutPolicy
from ninja_totp.core.otp import OtpParameters
from ninja_totp.setting_readers import Rate

__all__ = [
    "DEFAULT_TOKEN_SALT",
    "EnforcementSettings",
    "NoticeSettings",
    "Rate",
    "RecoverySettings",
    "TotpSettings",
    "get_settings",
    "setting_problems",
]

PREFIX = "TOTP_"
# django-totp's, so that challenges of both are signed alike while a site changes over.
DEFAULT_TOKEN_SALT = "django-totp-token-salt"  # noqa: S105 - a salt, and no secret


@dataclass(frozen=True, slots=True)
class RecoverySettings:
    """Recovery by e-mail. The URLs are templates of a path, with {uid} and {token}."""

    enabled: bool
    max_age: int
    cooldown: int
    delay: int
    confirm_url: str
    cancel_url: str
    email_template: str
    disabled_email_template: str
    dispatcher: Callable[..., None]
    protocol: str
    domain: str
    site_name: str


@dataclass(frozen=True, slots=True)
class EnforcementSettings:
    """Who must have a factor (audiences, or a function of a user; None is nobody), and when.

    `since` is a moment in seconds since the epoch, `grace` what a user has from then on.
    """

    whom: tuple[str, ...] | Callable[[Any], bool] | None
    since: int
    grace: int


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """Mail about what happened to a factor: of which events, and what it looks like."""

    events: frozenset[str]
    email_template: str


@dataclass(frozen=True, slots=True)
class TotpSettings:
    """Every setting of the package, validated. Durations are in seconds."""

    key_ring: KeyRing
    parameters: OtpParameters
    lockout: LockoutPolicy
    issuer: str
    window: int
    max_backup_codes: int
    store_backup_code_ciphertext: bool
    throttle_rate: Rate | None
    throttle_cache: str
    num_proxies: int | None
    token_salt: str
    token_max_age: int | None
    challenge_max_attempts: int
    two_code_unlock: bool
    pending_max_age: int
    step_up_max_age: int
    verify_url: str | None
    require_code: bool
    enforcement: EnforcementSettings
    trusted_device_max_age: int | None
    event_addresses: bool
    notices: NoticeSettings
    recovery: RecoverySettings


# What a user is mailed about. NIST SP 800-63B-4 wants it for each change (4.1.2.1, 4.6); RFC 4226
# for a lock (7.2). A recovery has a mail of its own. Wrong codes alone would be too many.
_NOTICES = (
    "enabled",
    "disabled",
    "reset",
    "replaced",
    "backup_codes_rotated",
    "backup_code_used",
    "replayed",
    "locked",
    "device_trusted",
)

# Setting (without its prefix) -> (default, reader). Bounds keep the guarantee of the README
# within reach: `TOTP_WINDOW = 3` would already accept a code for three and a half minutes.
_SETTINGS: Mapping[str, tuple[object, Callable[[str, object], Any]]] = {
    "ENCRYPTION_KEY": (None, read.key_ring),
    "ISSUER": ("MyApp", read.text),
    "DIGITS": (6, read.one_of(6, 8)),
    "PERIOD": (30, read.within(15, 120)),
    "ALGORITHM": ("SHA1", read.one_of("SHA1", "SHA256", "SHA512")),
    "WINDOW": (1, read.within(0, 2)),
    "MAX_BACKUP_CODES": (10, read.within(1, 100)),
    "STORE_BACKUP_CODE_CIPHERTEXT": (True, read.flag),
    "THROTTLE_RATE": ("10/minute", read.or_none(read.rate)),
    "THROTTLE_CACHE": ("default", read.cache_alias),
    "NUM_PROXIES": (None, read.or_none(read.within(0, 10))),
    "TOKEN_SALT": (DEFAULT_TOKEN_SALT, read.text),
    "TOKEN_MAX_AGE": (None, read.or_none(read.within(10, 600))),
    "CHALLENGE_MAX_ATTEMPTS": (5, read.within(1, 10)),
    "TWO_CODE_UNLOCK": (True, read.flag),
    "PENDING_MAX_AGE": (600, read.within(60, 86_400)),
    "STEP_UP_MAX_AGE": (900, read.within(10, 86_400)),
    "VERIFY_URL": (None, read.or_none(read.text)),
    "REQUIRE_CODE": (False, read.flag),
    "REQUIRED": (None, read.or_none(read.audiences)),
    "REQUIRED_FROM": (None, read.or_none(read.moment)),
    "REQUIRED_GRACE": (0, read.within(0, 90 * 86_400)),
    # None: no device is trusted. NIST SP 800-63B-4, 5.1 counts a login from one as one factor.
    "TRUSTED_DEVICE_MAX_AGE": (
        None,
        read.or_none(read.within(3600, 90 * 86_400)),
    ),
    "EVENT_ADDRESSES": (False, read.flag),
    "NOTICES": (_NOTICES, read.some_of(*_NOTICES)),
    "NOTICE_EMAIL_TEMPLATE": ("email/totp_notice.html", read.text),
    "LOCKOUT_FREE_FAILURES": (5, read.within(1, 10)),
    "LOCKOUT_FIRST_DELAY": (30, read.within(1, 3600)),
    "LOCKOUT_LONGEST_DELAY": (3600, read.within(1, 86_400)),
    "LOCKOUT_BUDGET": (20, read.within(1, 100)),
    "LOCKOUT_REFILL": (86_400, read.within(3600, 30 * 86_400)),
    "LOCKOUT_HARD_CAP": (100, read.within(10, 100)),
    "RECOVERY_ENABLED": (True, read.flag),
    # NIST SP 800-63B-4, 4.2.1.2: a recovery code that was mailed lives a day at most.
    "RECOVERY_MAX_AGE": (3600, read.within(300, 86_400)),
    "RECOVERY_COOLDOWN": (300, read.within(30, 86_400)),
    "RECOVERY_DELAY": (0, read.within(0, 30 * 86_400)),
    "RECOVERY_CONFIRM_URL": ("/totp-recovery/{uid}/{token}", read.link),
    "RECOVERY_CANCEL_URL": ("/totp-recovery-cancel/{uid}/{token}", read.link),
    "RECOVERY_EMAIL_TEMPLATE": ("email/totp_recovery.html", read.text),
    "DISABLED_EMAIL_TEMPLATE": ("email/totp_disabled.html", read.text),
    "RECOVERY_DISPATCHER": ("ninja_totp.emails.in_background", read.function),
}

# What django-totp reads without a prefix, with its defaults: where the frontend is, and what the
# site is called. A project may use these names for something else, so no value is an error.
_SITE = {"PROTOCOL": "http", "DOMAIN": "localhost:3000", "SITE_NAME": "localhost"}


def _read(name: str) -> Any:
    default, reader = _SETTINGS[name]
    return reader(PREFIX + name, getattr(django_settings, PREFIX + name, default))


def _read_of_site(name: str) -> str:
    value = getattr(django_settings, name, None)
    return value if isinstance(value, str) and value else _SITE[name]


def _lockout() -> LockoutPolicy:
    return LockoutPolicy(
        free_failures=_read("LOCKOUT_FREE_FAILURES"),
        first_delay_seconds=_read("LOCKOUT_FIRST_DELAY"),
        longest_delay_seconds=max(_read("LOCKOUT_FIRST_DELAY"), _read("LOCKOUT_LONGEST_DELAY")),
        budget=_read("LOCKOUT_BUDGET"),
        refill_seconds=_read("LOCKOUT_REFILL"),
        hard_cap=_read("LOCKOUT_HARD_CAP"),
    )


def _recovery() -> RecoverySettings:
    return RecoverySettings(
        enabled=_read("RECOVERY_ENABLED"),
        max_age=_read("RECOVERY_MAX_AGE"),
        cooldown=_read("RECOVERY_COOLDOWN"),
        delay=_read("RECOVERY_DELAY"),
        confirm_url=_read("RECOVERY_CONFIRM_URL"),
        cancel_url=_read("RECOVERY_CANCEL_URL"),
        email_template=_read("RECOVERY_EMAIL_TEMPLATE"),
        disabled_email_template=_read("DISABLED_EMAIL_TEMPLATE"),
        dispatcher=_read("RECOVERY_DISPATCHER"),
        protocol=_read_of_site("PROTOCOL"),
        domain=_read_of_site("DOMAIN"),
        site_name=_read_of_site("SITE_NAME"),
    )


@cache
def get_settings() -> TotpSettings:
    """Return the site's settings; ImproperlyConfigured names the first one that is wrong."""
    return TotpSettings(
        key_ring=_read("ENCRYPTION_KEY"),
        parameters=OtpParameters(
            digits=_read("DIGITS"), period_seconds=_read("PERIOD"), algorithm=_read("ALGORITHM")
        ),
        lockout=_lockout(),
        issuer=_read("ISSUER"),
        window=_read("WINDOW"),
        max_backup_codes=_read("MAX_BACKUP_CODES"),
        store_backup_code_ciphertext=_read("STORE_BACKUP_CODE_CIPHERTEXT"),
        throttle_rate=_read("THROTTLE_RATE"),
        throttle_cache=_read("THROTTLE_CACHE"),
        num_proxies=_read("NUM_PROXIES"),
        token_salt=_read("TOKEN_SALT"),
        token_max_age=_read("TOKEN_MAX_AGE"),
        challenge_max_attempts=_read("CHALLENGE_MAX_ATTEMPTS"),
        two_code_unlock=_read("TWO_CODE_UNLOCK"),
        pending_max_age=_read("PENDING_MAX_AGE"),
        step_up_max_age=_read("STEP_UP_MAX_AGE"),
        verify_url=_read("VERIFY_URL"),
        require_code=_read("REQUIRE_CODE"),
        enforcement=EnforcementSettings(
            whom=_read("REQUIRED"),
            since=_read("REQUIRED_FROM") or 0,
            grace=_read("REQUIRED_GRACE"),
        ),
        trusted_device_max_age=_read("TRUSTED_DEVICE_MAX_AGE"),
        event_addresses=_read("EVENT_ADDRESSES"),
        notices=NoticeSettings(
            events=_read("NOTICES"), email_template=_read("NOTICE_EMAIL_TEMPLATE")
        ),
        recovery=_recovery(),
    )


def setting_problems() -> list[tuple[str, str]]:
    """Return (setting, sentence) for each TOTP_* setting that cannot be used."""
    problems = []
    for name in _SETTINGS:
        try:
            _read(name)
        except ImproperlyConfigured as error:
            problems.append((PREFIX + name, str(error)))
    return problems


def _forget_settings(*, setting: str, **_: object) -> None:
    if setting.startswith(PREFIX) or setting in _SITE:
        get_settings.cache_clear()


setting_changed.connect(_forget_settings, dispatch_uid="ninja_totp.conf")
