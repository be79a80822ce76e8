"""The TOTP_* settings as one frozen, typed object, built when first used.

What a setting means, its default and its bounds stand here; `checks.py` reports what is wrong
with them at start-up. Nothing in the package reads `django.conf.settings` for a TOTP_* name
anywhere else, and nothing reads one while a module is being imported.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from ninja_totp.core.encryption import InvalidKey, KeyRing
from ninja_totp.core.lockout import LockoutPolicy
from ninja_totp.core.otp import OtpParameters

__all__ = [
    "NoticeSettings",
    "Rate",
    "RecoverySettings",
    "TotpSettings",
    "get_settings",
    "setting_problems",
]

PREFIX = "TOTP_"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: int


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
    trusted_device_max_age: int | None
    event_addresses: bool
    notices: NoticeSettings
    recovery: RecoverySettings


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ImproperlyConfigured(f"{name} must be a non-empty string.")


def _cache_alias(name: str, value: object) -> str:
    if isinstance(value, str) and value in django_settings.CACHES:
        return value
    raise ImproperlyConfigured(f"{name} must be one of the names in CACHES.")


def _link(name: str, value: object) -> str:
    text = value if isinstance(value, str) else ""
    try:
        filled = text.format(uid="<uid>", token="<token>")  # noqa: S106 - no password
    except (LookupError, ValueError, AttributeError):
        filled = ""
    if "<uid>" in filled and "<token>" in filled:
        return text
    raise ImproperlyConfigured(f"{name} must hold {{uid}} and {{token}}, and no other braces.")


def _callable(name: str, value: object) -> Any:
    try:
        found = import_string(value) if isinstance(value, str) else value
    except ImportError:
        found = None
    if callable(found):
        return found
    raise ImproperlyConfigured(f"{name} must be a function, or the dotted path of one.")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ImproperlyConfigured(f"{name} must be True or False.")


def _some_of(*choices: str) -> Callable[[str, object], frozenset[str]]:
    def some(name: str, value: object) -> frozenset[str]:
        given = value if isinstance(value, list | tuple | set | frozenset) else [None]
        if all(one in choices for one in given):
            return frozenset(given)
        raise ImproperlyConfigured(f"{name} must be a list out of {', '.join(choices)}.")

    return some


def _within(lowest: int, highest: int) -> Callable[[str, object], int]:
    def number(name: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}.")

    return number


def _one_of(*choices: object) -> Callable[[str, object], Any]:
    def choice(name: str, value: object) -> Any:
        # 6.0 equals 6, but makes no code of six digits.
        if any(type(value) is type(choice) and value == choice for choice in choices):
            return value
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(map(str, choices))}.")

    return choice


def _or_none(reader: Callable[[str, object], Any]) -> Callable[[str, object], Any]:
    return lambda name, value: None if value is None else reader(name, value)


_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _rate(name: str, value: object) -> Rate:
    """Read "10/minute" as Django REST Framework does: the period's first letter counts."""
    text = value if isinstance(value, str) else ""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([smhd])[a-z]*", text)
    if match is None:
        raise ImproperlyConfigured(f'{name} must look like "10/minute", or be None for no limit.')
    return Rate(int(match[1]), _PERIODS[match[2]])


def _key_ring(name: str, value: object) -> KeyRing:
    given = value if isinstance(value, list | tuple) else [value]
    keys = [key for key in given if isinstance(key, str | bytes) and key]
    if not keys or len(keys) != len(given):
        raise ImproperlyConfigured(
            f"{name} must be set to a valid Fernet key, or to a list of them with the newest first."
        )
    try:
        return KeyRing(keys)
    except InvalidKey as error:
        raise ImproperlyConfigured(f"{name} must be a valid Fernet key: {error}") from None


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
    "ENCRYPTION_KEY": (None, _key_ring),
    "ISSUER": ("MyApp", _text),
    "DIGITS": (6, _one_of(6, 8)),
    "PERIOD": (30, _within(15, 120)),
    "ALGORITHM": ("SHA1", _one_of("SHA1", "SHA256", "SHA512")),
    "WINDOW": (1, _within(0, 2)),
    "MAX_BACKUP_CODES": (10, _within(1, 100)),
    "STORE_BACKUP_CODE_CIPHERTEXT": (True, _flag),
    "THROTTLE_RATE": ("10/minute", _or_none(_rate)),
    "THROTTLE_CACHE": ("default", _cache_alias),
    "NUM_PROXIES": (None, _or_none(_within(0, 10))),
    "TOKEN_SALT": ("django-totp-token-salt", _text),
    "TOKEN_MAX_AGE": (None, _or_none(_within(10, 600))),
    "CHALLENGE_MAX_ATTEMPTS": (5, _within(1, 10)),
    "TWO_CODE_UNLOCK": (True, _flag),
    "PENDING_MAX_AGE": (600, _within(60, 86_400)),
    "STEP_UP_MAX_AGE": (900, _within(10, 86_400)),
    "VERIFY_URL": (None, _or_none(_text)),
    "REQUIRE_CODE": (False, _flag),
    # None: no device is trusted. NIST SP 800-63B-4, 5.1 counts a login from one as one factor.
    "TRUSTED_DEVICE_MAX_AGE": (None, _or_none(_within(3600, 90 * 86_400))),
    "EVENT_ADDRESSES": (False, _flag),
    "NOTICES": (_NOTICES, _some_of(*_NOTICES)),
    "NOTICE_EMAIL_TEMPLATE": ("email/totp_notice.html", _text),
    "LOCKOUT_FREE_FAILURES": (5, _within(1, 10)),
    "LOCKOUT_FIRST_DELAY": (30, _within(1, 3600)),
    "LOCKOUT_LONGEST_DELAY": (3600, _within(1, 86_400)),
    "LOCKOUT_BUDGET": (20, _within(1, 100)),
    "LOCKOUT_REFILL": (86_400, _within(3600, 30 * 86_400)),
    "LOCKOUT_HARD_CAP": (100, _within(10, 100)),
    "RECOVERY_ENABLED": (True, _flag),
    # NIST SP 800-63B-4, 4.2.1.2: a recovery code that was mailed lives a day at most.
    "RECOVERY_MAX_AGE": (3600, _within(300, 86_400)),
    "RECOVERY_COOLDOWN": (300, _within(30, 86_400)),
    "RECOVERY_DELAY": (0, _within(0, 30 * 86_400)),
    "RECOVERY_CONFIRM_URL": ("/totp-recovery/{uid}/{token}", _link),
    "RECOVERY_CANCEL_URL": ("/totp-recovery-cancel/{uid}/{token}", _link),
    "RECOVERY_EMAIL_TEMPLATE": ("email/totp_recovery.html", _text),
    "DISABLED_EMAIL_TEMPLATE": ("email/totp_disabled.html", _text),
    "RECOVERY_DISPATCHER": ("ninja_totp.emails.in_background", _callable),
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
