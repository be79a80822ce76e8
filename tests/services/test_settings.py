"""Each TOTP_* setting: its default, its bounds, and what happens to a value out of them."""

import base64
import sys
from datetime import UTC, date, datetime

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from pydantic import ValidationError

from ninja_totp.checks import configuration as checks
from ninja_totp.conf import TotpSettings, get_settings, setting_problems
from ninja_totp.conf.types import Rate
from ninja_totp.core.encryption import KeyRing
from ninja_totp.core.lockout import LockoutPolicy
from ninja_totp.core.otp import OtpParameters
from ninja_totp.emails import at_once, in_background
from ninja_totp.services import abegin_login
from tests.support.settings import FIELDS

# Not made anew for each run: they are part of the tests' names.
KEY = base64.urlsafe_b64encode(b"the newest key of the test suite").decode()
OLD_KEY = base64.urlsafe_b64encode(b"an older key that the suite uses").decode()

DEFAULTS = {
    "digits": 6,
    "period": 30,
    "algorithm": "SHA1",
    "lockout_free_failures": 5,
    "lockout_first_delay": 30,
    "lockout_longest_delay": 3600,
    "lockout_budget": 20,
    "lockout_refill": 86_400,
    "lockout_hard_cap": 100,
    "issuer": "MyApp",
    "window": 1,
    "max_authenticators": 3,
    "max_backup_codes": 10,
    "backup_code_length": 24,
    "store_backup_code_ciphertext": True,
    "throttle_rate": Rate(requests=10, seconds=60),
    "throttle_cache": "default",
    "num_proxies": None,
    "token_salt": "django-totp-token-salt",
    "token_max_age": None,
    "challenge_max_attempts": 5,
    "two_code_unlock": True,
    "pending_max_age": 600,
    "step_up_max_age": 900,
    "verify_url": None,
    "require_code": True,
    "trusted_device_max_age": None,
    "event_addresses": False,
    "notices": frozenset(
        {
            "enabled",
            "disabled",
            "reset",
            "replaced",
            "authenticator_added",
            "authenticator_renamed",
            "authenticator_removed",
            "backup_codes_rotated",
            "backup_code_used",
            "replayed",
            "pair_failed",
            "locked",
            "device_trusted",
            "device_reused",
        }
    ),
    "notice_email_template": "email/totp_notice.html",
    "required": None,
    "enrol_url": None,
    "exempt_paths": (),
    "session_max_age": None,
    "required_since": 0,
    "required_grace": 0,
    "recovery_enabled": True,
    "recovery_new_password": True,
    "recovery_max_age": 3600,
    "recovery_cooldown": 300,
    "recovery_delay": 0,
    "recovery_confirm_url": "/totp-recovery/{uid}/{token}",
    "recovery_cancel_url": "/totp-recovery-cancel/{uid}/{token}",
    "recovery_email_template": "email/totp_recovery.html",
    "disabled_email_template": "email/totp_disabled.html",
    "recovery_dispatcher": in_background,
    "protocol": "http",
    "domain": "localhost:3000",
    "site_name": "MyApp",
}

# Setting -> where it is found, values that are right, values that are wrong.
NUMBERS = {
    "PERIOD": ("parameters.period_seconds", 15, 120),
    "WINDOW": ("window", 0, 2),
    "MAX_AUTHENTICATORS": ("max_authenticators", 1, 5),
    "MAX_BACKUP_CODES": ("max_backup_codes", 1, 100),
    "NUM_PROXIES": ("num_proxies", 0, 10),
    "TOKEN_MAX_AGE": ("token_max_age", 10, 600),
    "CHALLENGE_MAX_ATTEMPTS": ("challenge_max_attempts", 1, 10),
    "PENDING_MAX_AGE": ("pending_max_age", 60, 86_400),
    "STEP_UP_MAX_AGE": ("step_up_max_age", 10, 86_400),
    "LOCKOUT_FREE_FAILURES": ("lockout.free_failures", 1, 10),
    "LOCKOUT_FIRST_DELAY": ("lockout.first_delay_seconds", 1, 3600),
    "LOCKOUT_BUDGET": ("lockout.budget", 1, 100),
    "LOCKOUT_REFILL": ("lockout.refill_seconds", 3600, 30 * 86_400),
    "LOCKOUT_HARD_CAP": ("lockout.hard_cap", 10, 100),
    "TRUSTED_DEVICE_MAX_AGE": ("trusted_device_max_age", 3600, 90 * 86_400),
    "SESSION_MAX_AGE": ("session_max_age", 60, 90 * 86_400),
    "REQUIRED_GRACE": ("required_grace", 0, 90 * 86_400),
    "RECOVERY_MAX_AGE": ("recovery_max_age", 300, 86_400),
    "RECOVERY_COOLDOWN": ("recovery_cooldown", 30, 86_400),
    "RECOVERY_DELAY": ("recovery_delay", 0, 30 * 86_400),
}
CHOICES = [
    ("DIGITS", "parameters.digits", 6),
    ("DIGITS", "parameters.digits", 8),
    ("BACKUP_CODE_LENGTH", "backup_code_length", 16),
    ("BACKUP_CODE_LENGTH", "backup_code_length", 24),
    ("ALGORITHM", "parameters.algorithm", "SHA256"),
    ("ALGORITHM", "parameters.algorithm", "SHA512"),
    ("ISSUER", "issuer", "ACME & S\u00f6hne"),
    ("TOKEN_SALT", "token_salt", "another"),
    ("STORE_BACKUP_CODE_CIPHERTEXT", "store_backup_code_ciphertext", False),
    ("TWO_CODE_UNLOCK", "two_code_unlock", False),
    ("REQUIRE_CODE", "require_code", False),
    ("REQUIRED", "required", None),
    ("REQUIRED", "required", ("staff", "group:editors")),
    ("REQUIRED", "required", bool),
    ("VERIFY_URL", "verify_url", "verify"),
    ("VERIFY_URL", "verify_url", None),
    ("ENROL_URL", "enrol_url", "security"),
    ("EXEMPT_PATHS", "exempt_paths", ("/health/", "/hooks/*")),
    ("SESSION_MAX_AGE", "session_max_age", None),
    ("EVENT_ADDRESSES", "event_addresses", True),
    ("NOTICES", "notices", frozenset()),
    ("NOTICE_EMAIL_TEMPLATE", "notice_email_template", "notice.html"),
    ("RECOVERY_ENABLED", "recovery_enabled", False),
    ("RECOVERY_NEW_PASSWORD", "recovery_new_password", False),
    ("RECOVERY_CONFIRM_URL", "recovery_confirm_url", "/x?u={uid}&t={token}"),
    ("RECOVERY_CANCEL_URL", "recovery_cancel_url", "/{token}/{uid}/"),
    ("RECOVERY_EMAIL_TEMPLATE", "recovery_email_template", "lost.html"),
    ("DISABLED_EMAIL_TEMPLATE", "disabled_email_template", "off.html"),
    ("RECOVERY_DISPATCHER", "recovery_dispatcher", at_once),
    ("THROTTLE_RATE", "throttle_rate", None),
    ("NUM_PROXIES", "num_proxies", None),
    ("TOKEN_MAX_AGE", "token_max_age", None),
    ("TRUSTED_DEVICE_MAX_AGE", "trusted_device_max_age", None),
    ("LOCKOUT_LONGEST_DELAY", "lockout.longest_delay_seconds", 30),
    ("LOCKOUT_LONGEST_DELAY", "lockout.longest_delay_seconds", 86_400),
]
RATES = [
    ("10/minute", Rate(10, 60)),
    ("1/s", Rate(1, 1)),
    ("5/second", Rate(5, 1)),
    ("1000/hour", Rate(1000, 3600)),
    ("3/day", Rate(3, 86_400)),
]
NAIVE = datetime(2026, 12, 1)  # noqa: DTZ001 - that is what is wrong with it
TOO_LATE = datetime(9999, 12, 31, tzinfo=UTC)
WRONG = [
    *((name, value) for name in NUMBERS for value in ("5", True, 1.0, [], -1)),
    *((name, lowest - 1) for name, (_, lowest, _) in NUMBERS.items()),
    *((name, highest + 1) for name, (_, _, highest) in NUMBERS.items()),
    *(
        (name, value)
        for name in (
            "ISSUER",
            "TOKEN_SALT",
            "RECOVERY_EMAIL_TEMPLATE",
            "DISABLED_EMAIL_TEMPLATE",
            "NOTICE_EMAIL_TEMPLATE",
        )
        for value in ("", " ", None, 5, b"x")
    ),
    *(
        (name, value)
        for name in ("RECOVERY_CONFIRM_URL", "RECOVERY_CANCEL_URL")
        for value in ("", "/{uid}", "/{token}", "/{uid}/{token}/{x}", "/{uid}{token}{", None, 5)
    ),
    *(("RECOVERY_DISPATCHER", value) for value in (None, "", "nowhere.x", "ninja_totp.conf", 5)),
    *(
        (name, value)
        for name in (
            "STORE_BACKUP_CODE_CIPHERTEXT",
            "TWO_CODE_UNLOCK",
            "REQUIRE_CODE",
            "RECOVERY_ENABLED",
            "RECOVERY_NEW_PASSWORD",
            "EVENT_ADDRESSES",
        )
        for value in (1, 0, "yes", None)
    ),
    *(
        ("REQUIRED", value)
        for value in (
            "",
            "users",
            "group:",
            "nowhere.x",
            [],
            (),
            ["staff", "x"],
            5,
            True,
            {"a": 1},
            abegin_login,
        )
    ),
    *(
        ("REQUIRED_FROM", value)
        for value in ("2026-12-01", date(2026, 12, 1), NAIVE, TOO_LATE, 5, True)
    ),
    *((name, value) for name in ("VERIFY_URL", "ENROL_URL") for value in ("", " ", 5, b"/verify/")),
    *(("EXEMPT_PATHS", value) for value in ("/health/", None, ["health/"], [""], ["/*x"], [5])),
    *(("NOTICES", value) for value in ("locked", ["lock"], ["locked", 1], [[]], None, True)),
    *(("DIGITS", value) for value in (7, 0, "6", 6.0, True, None)),
    *(("BACKUP_CODE_LENGTH", value) for value in (20, 8, "24", 24.0, True, None)),
    *(("ALGORITHM", value) for value in ("sha1", "MD5", None, 1)),
    *(
        ("THROTTLE_RATE", value)
        for value in ("", "10", "0/minute", "10/fortnight", "ten/minute", "-1/s", "1/s ", 10, "1/S")
    ),
    *(("THROTTLE_CACHE", value) for value in ("nowhere", "", None, 1)),
    *(("LOCKOUT_LONGEST_DELAY", value) for value in (0, 86_401, "60")),
    *(("ENCRYPTION_KEY", value) for value in (None, "", b"", [], (), [""], [None], 5, {"k": KEY})),
    *(("ENCRYPTION_KEY", value) for value in ("short", KEY[:-1], f"{KEY} {KEY}", [KEY, "short"])),
    ("PERIOD", None),
    ("WINDOW", None),
]


def test_one_audience_is_a_list_of_one(bare):
    bare.TOTP_REQUIRED = "staff"

    assert get_settings().required == ("staff",)


def test_a_rule_may_be_named_by_its_dotted_path(bare):
    bare.TOTP_REQUIRED = "tests.services.test_settings.found"

    assert get_settings().required is found


def test_the_day_of_a_rule_is_kept_in_seconds(bare):
    bare.TOTP_REQUIRED_FROM = NAIVE.replace(tzinfo=UTC)

    assert get_settings().required_since == 1_796_083_200


def found(path):
    value = get_settings()
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.fixture
def bare(settings):
    """A site that has set a key and nothing else."""
    for name in [name for name in dir(django_settings) if name.startswith("TOTP_")]:
        delattr(settings, name)
    settings.TOTP_ENCRYPTION_KEY = KEY
    return settings


def test_a_site_needs_no_setting_but_a_key(bare):
    given = {
        name: getattr(get_settings(), name)
        for name in TotpSettings.model_fields
        if name != "key_ring"
    }

    assert given == DEFAULTS
    assert get_settings().parameters == OtpParameters()
    assert get_settings().lockout == LockoutPolicy()
    assert get_settings().key_ring.key_ids == KeyRing([KEY]).key_ids
    assert setting_problems() == []


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_may_lie_at_its_bounds(bare, name):
    path, lowest, highest = NUMBERS[name]

    for value in (lowest, highest):
        setattr(bare, f"TOTP_{name}", value)
        assert found(path) == value


@pytest.mark.parametrize(("name", "path", "value"), CHOICES)
def test_a_setting_is_read_as_it_was_written(bare, name, path, value):
    setattr(bare, f"TOTP_{name}", value)

    assert found(path) == value


@pytest.mark.parametrize(("text", "rate"), RATES)
def test_a_rate_is_read_by_the_first_letter_of_its_period(bare, text, rate):
    bare.TOTP_THROTTLE_RATE = text

    assert get_settings().throttle_rate == rate


def test_a_first_delay_that_is_longer_than_the_longest_is_kept(bare):
    bare.TOTP_LOCKOUT_FIRST_DELAY = 3600
    bare.TOTP_LOCKOUT_LONGEST_DELAY = 60

    assert get_settings().lockout.longest_delay_seconds == 3600


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_by_name(bare, name, value):
    setattr(bare, f"TOTP_{name}", value)

    with pytest.raises(ImproperlyConfigured, match=f"^TOTP_{name} must "):
        get_settings()


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_found_at_start_up(bare, name, value):
    setattr(bare, f"TOTP_{name}", value)

    (problem,) = checks.check_settings()

    assert (problem.id, problem.obj) == ("ninja_totp.E001", f"TOTP_{name}")


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("PROTOCOL", "protocol", "https"),
        ("DOMAIN", "domain", "app.example"),
        ("SITE_NAME", "site_name", "ACME"),
    ],
)
def test_the_frontend_is_named_without_a_prefix(bare, name, field, value):
    before = getattr(get_settings(), field)
    setattr(bare, name, value)

    assert getattr(get_settings(), field) == value != before


@pytest.mark.parametrize("name", ["PROTOCOL", "DOMAIN", "SITE_NAME"])
@pytest.mark.parametrize("value", [None, "", 5, ["x"]])
def test_a_project_may_mean_something_else_by_these_names(bare, name, value):
    setattr(bare, name, value)

    assert getattr(get_settings(), name.lower()) == DEFAULTS[name.lower()]
    assert setting_problems() == []


def test_a_dispatcher_may_be_named_by_its_path(bare):
    bare.TOTP_RECOVERY_DISPATCHER = "ninja_totp.emails.at_once"

    assert get_settings().recovery_dispatcher is at_once


def test_every_wrong_setting_is_named_at_once(bare):
    bare.TOTP_DIGITS = 7
    bare.TOTP_WINDOW = 9

    assert [name for name, _ in setting_problems()] == ["TOTP_DIGITS", "TOTP_WINDOW"]
    with pytest.raises(ImproperlyConfigured, match=r"^TOTP_DIGITS must .* TOTP_WINDOW must "):
        get_settings()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WINDOW", 3, "must be a whole number from 0 to 2."),
        ("NUM_PROXIES", "1", "must be a whole number from 0 to 10."),
        ("DIGITS", 7, "must be 6 or 8."),
        ("BACKUP_CODE_LENGTH", 20, "must be 16 or 24."),
        ("BACKUP_CODE_LENGTH", 24.0, "must be 16 or 24."),
        ("ALGORITHM", "MD5", "must be 'SHA1', 'SHA256' or 'SHA512'."),
        ("REQUIRE_CODE", 1, "must be True or False."),
        ("ISSUER", " ", "must be a non-empty string."),
        ("THROTTLE_RATE", "10", 'must look like "10/minute", or be None for no limit.'),
    ],
)
def test_a_wrong_value_is_answered_by_what_is_allowed(bare, name, value, sentence):
    setattr(bare, f"TOTP_{name}", value)

    assert setting_problems() == [(f"TOTP_{name}", f"TOTP_{name} {sentence}")]


def test_no_python_code_of_ours_runs_once_the_settings_are_built(bare):
    settings, called = get_settings(), []
    _ = settings.parameters, settings.lockout

    sys.setprofile(lambda frame, event, _: event == "call" and called.append(frame.f_code))
    try:
        _ = get_settings().parameters, get_settings().lockout, get_settings().key_ring
    finally:
        sys.setprofile(None)

    assert called == []


@pytest.mark.parametrize("field", ["window", "key_ring", "required"])
def test_the_settings_cannot_be_changed(bare, field):
    with pytest.raises(ValidationError, match="frozen"):
        setattr(get_settings(), field, None)


def test_every_setting_is_tested_here():
    tested = {f"TOTP_{name}" for name, _ in WRONG}

    assert tested == FIELDS.keys()


@pytest.mark.parametrize(
    "keys",
    [KEY, KEY.encode(), [KEY], (KEY,), [KEY.encode()], f" {KEY}\n"],
    ids=["str", "bytes", "list", "tuple", "list of bytes", "str with margins"],
)
def test_a_key_may_be_given_in_many_ways(bare, keys):
    bare.TOTP_ENCRYPTION_KEY = keys

    assert get_settings().key_ring.key_ids == KeyRing([KEY]).key_ids


@pytest.mark.parametrize("kind", [list, tuple])
def test_the_newest_key_stands_first(bare, kind):
    bare.TOTP_ENCRYPTION_KEY = kind([KEY, OLD_KEY])

    assert get_settings().key_ring.current_key_id == KeyRing([KEY]).current_key_id


@pytest.mark.parametrize("keys", ["not-a-key-but-secret", [KEY, "not-a-key-but-secret"]])
def test_no_message_shows_a_key(bare, keys):
    bare.TOTP_ENCRYPTION_KEY = keys

    with pytest.raises(ImproperlyConfigured) as refused:
        get_settings()

    assert "but-secret" not in str(refused.value)
    assert KEY not in str(refused.value)


def test_the_settings_are_built_once(bare):
    assert get_settings() is get_settings()


def test_the_settings_are_built_anew_when_one_of_ours_changes(bare):
    before = get_settings()

    with override_settings(TOTP_WINDOW=2):
        assert get_settings().window == 2

    assert get_settings().window == before.window


def test_the_settings_are_kept_when_somebody_elses_changes(bare):
    before = get_settings()

    with override_settings(LANGUAGE_CODE="de"):
        assert get_settings() is before


def test_the_settings_show_no_key_when_they_are_printed(bare):
    assert KEY not in repr(get_settings())
