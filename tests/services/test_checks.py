"""What `manage.py check` finds."""

import base64
import hashlib
import sys
import uuid

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections
from django.urls import clear_script_prefix, path, set_script_prefix
from ninja import NinjaAPI
from ninja_jwt.authentication import AsyncJWTAuth

from ninja_totp.api import Session, create_login_router, create_router

KEY = "dGVzdHMtb25seS1rbm93bi10by1ldmVyeWJvZHktISE="


SECRET = "a secret key of more than thirty-two bytes"
SAFE_COOKIES = {
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_SECURE": True,
    "CSRF_USE_SESSIONS": False,
}
# As `check --deploy` finds nothing in it.
DEPLOYED = SAFE_COOKIES | {
    "TOTP_TOKEN_SALT": "of this site",
    "TOTP_THROTTLE_CACHE": "shared",
    "CACHES": {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "shared": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://",
        },
    },
    "PROTOCOL": "https",
    "DOMAIN": "app.example",
}
NO_NINJA_TOTP = [path("health/", lambda request: None)]


def ids():
    return messages(deploy=False)


def messages(*, deploy=True):
    found = run_checks(include_deployment_checks=deploy)
    return [message.id for message in found if message.id.startswith("ninja_totp")]


@pytest.fixture
def deployed(settings):
    """The settings of a site that is in order."""
    for name, value in DEPLOYED.items():
        setattr(settings, name, value)
    return settings


class _SiteWithoutUs:
    urlpatterns = NO_NINJA_TOTP


def test_a_site_that_is_set_up_well_hears_nothing():
    assert ids() == []


def test_without_a_key_the_check_fails(settings):
    del settings.TOTP_ENCRYPTION_KEY

    with pytest.raises(
        SystemCheckError, match=r"must be set .* python manage.py totp_keys generate"
    ):
        call_command("check")


@pytest.mark.parametrize("keys", [KEY, KEY.encode(), [KEY], (KEY.encode(),)])
def test_the_secret_key_is_no_encryption_key(settings, keys):
    settings.SECRET_KEY = KEY
    settings.TOTP_ENCRYPTION_KEY = keys

    assert ids() == ["ninja_totp.E002"]


def test_an_old_key_that_is_the_secret_key_is_found_too(settings):
    settings.TOTP_ENCRYPTION_KEY = [settings.TOTP_ENCRYPTION_KEY, KEY]
    settings.SECRET_KEY = KEY

    assert ids() == ["ninja_totp.E002"]


def _site_with(router, **options):
    api = NinjaAPI(urls_namespace=f"site-{uuid.uuid4()}", **options)
    api.add_router("/totp/", router)
    return type("Site", (), {"urlpatterns": [path("api/", api.urls)]})


@pytest.mark.parametrize(
    ("router", "options", "found"),
    [
        (create_router(), {}, ["ninja_totp.W013"]),
        (create_router(), {"auth": AsyncJWTAuth()}, []),
        (create_login_router(issuer=Session()), {}, []),
    ],
)
def test_a_management_router_without_auth_is_found(settings, router, options, found):
    settings.ROOT_URLCONF = _site_with(router, **options)

    assert ids() == found


@pytest.mark.parametrize("prefix", ["/sub/", "/api/"])
def test_it_is_found_at_a_site_below_a_path(settings, request, prefix):
    request.addfinalizer(clear_script_prefix)
    set_script_prefix(prefix)
    settings.ROOT_URLCONF = _site_with(create_router())

    assert ids() == ["ninja_totp.W013"]


def test_atomic_requests_are_found(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    assert ids() == ["ninja_totp.W001"]


def test_atomic_requests_of_another_database_are_found(monkeypatch):
    other = {**connections.settings["default"], "ATOMIC_REQUESTS": True}
    monkeypatch.setitem(connections.settings, "other", other)

    assert ids() == ["ninja_totp.W001"]

    del connections["other"]


def test_atomic_requests_are_no_matter_without_ninja(monkeypatch, settings):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    monkeypatch.delitem(sys.modules, "ninja_totp.api")
    settings.ROOT_URLCONF = "drf_compat.urls"

    assert ids() == []


def test_a_site_without_urls_can_be_checked(monkeypatch, settings):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    settings.ROOT_URLCONF = None

    assert ids() == ["ninja_totp.W001"]


def test_no_message_shows_a_key(settings):
    settings.SECRET_KEY = settings.TOTP_ENCRYPTION_KEY = KEY

    assert KEY not in str(run_checks())


@pytest.mark.parametrize("key", [KEY, f"{KEY}\n", f" {KEY}"])
def test_blanks_around_a_key_hide_nothing(settings, key):
    settings.SECRET_KEY, settings.TOTP_ENCRYPTION_KEY = KEY, key

    assert "ninja_totp.E002" in ids()


def test_a_secret_key_that_still_counts_is_no_encryption_key_either(settings):
    settings.SECRET_KEY_FALLBACKS, settings.TOTP_ENCRYPTION_KEY = [KEY], KEY

    assert ids() == ["ninja_totp.E002"]


@pytest.mark.parametrize(
    "raw",
    [hashlib.sha256(SECRET.encode()).digest(), SECRET[:32].encode()],
    ids=["digest", "first bytes"],
)
def test_a_key_that_is_made_from_the_secret_key_is_found(settings, raw):
    settings.SECRET_KEY = SECRET
    settings.TOTP_ENCRYPTION_KEY = base64.urlsafe_b64encode(raw)

    assert ids() == ["ninja_totp.W005"]


def test_a_short_secret_key_that_was_filled_up_is_found(settings):
    settings.SECRET_KEY = "short"
    settings.TOTP_ENCRYPTION_KEY = base64.urlsafe_b64encode(b"short".ljust(32, b"0"))

    assert ids() == ["ninja_totp.W005"]


@pytest.mark.parametrize(
    "loose",
    [
        {"TOTP_LOCKOUT_REFILL": 3600},
        {"TOTP_LOCKOUT_REFILL": 7200, "TOTP_WINDOW": 2},
    ],
    ids=str,
)
def test_settings_that_let_a_guesser_in_are_found(settings, loose):
    for name, value in loose.items():
        setattr(settings, name, value)

    assert ids() == ["ninja_totp.W003"]


@pytest.mark.parametrize(
    "strict",
    [
        {"TOTP_WINDOW": 2, "TOTP_LOCKOUT_BUDGET": 100},
        {"TOTP_THROTTLE_RATE": None, "TOTP_NUM_PROXIES": None},
        {"TOTP_LOCKOUT_REFILL": 3600, "TOTP_DIGITS": 8},
    ],
    ids=str,
)
def test_settings_that_keep_a_guesser_out_are_not(settings, strict):
    for name, value in strict.items():
        setattr(settings, name, value)

    assert ids() == []


def test_the_chance_is_said(settings):
    settings.TOTP_LOCKOUT_REFILL = 3600

    (message,) = (found for found in run_checks() if found.id == "ninja_totp.W003")
    assert "a probability of 0.0264 (codes: 0.0263, pairs of codes: 1.1e-05)" in message.msg


@pytest.mark.parametrize("unusual", [{"TOTP_PERIOD": 60}, {"TOTP_ALGORITHM": "SHA256"}], ids=str)
def test_parameters_that_apps_ignore_are_found(settings, unusual):
    for name, value in unusual.items():
        setattr(settings, name, value)

    assert ids() == ["ninja_totp.W004"]


@pytest.mark.parametrize(
    "wrong", [{"TOTP_WINDOW": 3}, {"TOTP_PERIOD": 121}, {"TOTP_DIGITS": 7}], ids=str
)
def test_a_number_out_of_bounds_is_an_error_and_ends_every_other_question(deployed, wrong):
    for name, value in wrong.items():
        setattr(deployed, name, value)

    assert messages() == ["ninja_totp.E001"]


def test_a_deployment_in_order_hears_nothing(deployed):
    assert messages() == []


def test_what_only_a_deployment_needs_is_asked_of_deployments_alone(settings):
    assert sorted(messages()) == [
        "ninja_totp.I001",
        "ninja_totp.W006",
        "ninja_totp.W007",
        "ninja_totp.W008",
    ]
    assert ids() == []


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_that_no_two_processes_share_is_found(deployed, backend):
    deployed.CACHES = {"shared": {"BACKEND": f"django.core.cache.backends.{backend}"}}

    assert messages() == ["ninja_totp.W006"]


@pytest.mark.parametrize("backend", ["db.DatabaseCache", "filebased.FileBasedCache"])
def test_a_cache_that_cannot_count_a_burst_is_found(deployed, backend):
    backend = f"django.core.cache.backends.{backend}"
    deployed.CACHES = {"shared": {"BACKEND": backend, "LOCATION": "/nowhere"}}

    assert messages() == ["ninja_totp.W010"]


@pytest.mark.parametrize("harmless", [{"DEBUG": True}, {"TOTP_THROTTLE_RATE": None}], ids=str)
def test_a_cache_is_no_matter_where_nobody_counts_in_it(settings, deployed, harmless):
    deployed.TOTP_THROTTLE_CACHE, deployed.TOTP_TWO_CODE_UNLOCK = "default", False
    for name, value in harmless.items():
        setattr(settings, name, value)

    assert messages() == []


@pytest.mark.parametrize(
    "open_cookie",
    [
        {"SESSION_COOKIE_SECURE": False},
        {"SESSION_COOKIE_HTTPONLY": False},
        {"SESSION_COOKIE_SAMESITE": "None"},
        {"SESSION_COOKIE_SAMESITE": False},
        {"CSRF_COOKIE_SECURE": False},
    ],
    ids=str,
)
def test_cookies_that_others_can_read_are_found(deployed, open_cookie):
    ((name, value),) = open_cookie.items()
    setattr(deployed, name, value)

    (message,) = (
        found
        for found in run_checks(include_deployment_checks=True)
        if found.id.startswith("ninja_totp")
    )
    assert (message.id, name in message.msg) == ("ninja_totp.W007", True)


@pytest.mark.parametrize("same_site", ["Lax", "Strict"])
def test_a_cookie_that_other_sites_do_not_send_is_good(deployed, same_site):
    deployed.SESSION_COOKIE_SAMESITE = same_site

    assert messages() == []


def test_a_csrf_token_in_the_session_needs_no_cookie(deployed):
    deployed.CSRF_COOKIE_SECURE, deployed.CSRF_USE_SESSIONS = False, True

    assert messages() == []


@pytest.mark.parametrize(
    ("protocol", "domain", "enabled", "found"),
    [
        (None, None, True, ["ninja_totp.W008"]),
        ("http", "app.example", True, ["ninja_totp.W008"]),
        ("https", None, True, ["ninja_totp.W008"]),
        ("https", "app.example", True, []),
        (None, None, False, []),
    ],
)
def test_a_deployment_is_told_of_links_to_nowhere(deployed, protocol, domain, enabled, found):
    deployed.PROTOCOL, deployed.DOMAIN = protocol, domain
    deployed.TOTP_RECOVERY_ENABLED = enabled

    assert messages() == found


@pytest.mark.parametrize("urls", [_SiteWithoutUs, None], ids=["other views", "no views"])
def test_cookies_and_links_are_no_matter_where_nothing_uses_them(deployed, urls):
    deployed.SESSION_COOKIE_SECURE, deployed.PROTOCOL = False, "http"
    deployed.ROOT_URLCONF = urls

    assert messages() == []


def test_the_salt_of_everybody_is_told(deployed):
    del deployed.TOTP_TOKEN_SALT

    assert messages() == ["ninja_totp.I001"]


def test_an_issuer_that_says_my_app_is_told(deployed):
    del deployed.TOTP_ISSUER

    assert messages() == ["ninja_totp.W015"]


@pytest.mark.parametrize(
    ("urls", "found"),
    [("tests.urls", ["ninja_totp.W011"]), ("tests.world.login_required_urls", []), (None, [])],
)
def test_an_api_that_redirects_its_callers_is_found(settings, urls, found):
    middleware = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]
    settings.ROOT_URLCONF = urls

    assert ids() == found
