"""System checks: find wrong settings before the first request.

Ids are stable (`ninja_totp.E001`). docs/reference/checks.md lists them.
"""

import base64
import hashlib
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import signed_cookies
from django.core import checks
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Tags, register
from django.db import connections
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, get_resolver, get_script_prefix, resolve
from django.utils.encoding import force_bytes

from ninja_totp.conf import DEFAULT_TOKEN_SALT, get_settings, setting_problems
from ninja_totp.conf.types import NEW_KEY
from ninja_totp.services.policy.enforcement import missing_groups, unknown_audiences
from ninja_totp.services.policy.guessing import site_guess_probability
from ninja_totp.transactions import database

# The highest accepted chance of guessing for a year. No standard has a number for a year: NIST SP
# 800-63B-4, 3.2.2 and RFC 4226, 7.3 leave it to the site.
_HIGHEST_CHANCE = 0.01
_GUIDES = "https://github.com/ninja-totp/ninja-totp/blob/main/docs/how-to"


@register(Tags.security)
def check_settings(**_: Any) -> list[CheckMessage]:
    """E001: a TOTP_* setting has an invalid value."""
    return [
        checks.Error(sentence, obj=name, id="ninja_totp.E001")
        for name, sentence in setting_problems()
    ]


@register(Tags.security)
def check_key_reuse(**_: Any) -> list[CheckMessage]:
    """E002: SECRET_KEY is also an encryption key (one leak would open both)."""
    error = checks.Error(
        "TOTP_ENCRYPTION_KEY must not be SECRET_KEY.", hint=NEW_KEY, id="ninja_totp.E002"
    )
    return [error] if _secret_keys() & _encryption_keys() else []


@register(Tags.security)
def check_derived_key(**_: Any) -> list[CheckMessage]:
    """W005: an encryption key is derived from SECRET_KEY in a well-known way."""
    warning = checks.Warning(
        "TOTP_ENCRYPTION_KEY is derived from SECRET_KEY. Anyone with SECRET_KEY can read the TOTP "
        "secrets, and neither key can be changed alone.",
        hint=f"{NEW_KEY}. Put it before the current key, then run totp_keys reencrypt.",
        id="ninja_totp.W005",
    )
    derived = {key for secret in _secret_keys() for key in _well_known_keys(secret)}
    return [warning] if derived & _encryption_keys() else []


@register(Tags.async_support)
def check_atomic_requests(**_: Any) -> list[CheckMessage]:
    """W001: ATOMIC_REQUESTS is on. Django then refuses every asynchronous view."""
    warning = checks.Warning(
        "ATOMIC_REQUESTS is on: Django cannot run the asynchronous views of ninja_totp.api.",
        hint="Turn it off, or use the views of drf_compat, which work with it.",
        id="ninja_totp.W001",
    )
    # On any database: Django refuses asynchronous views for each of them.
    is_atomic = any(connections[alias].settings_dict["ATOMIC_REQUESTS"] for alias in connections)
    return [warning] if is_atomic and _has_ninja_routers() else []


@register(Tags.security)
def check_login_views(**_: Any) -> list[CheckMessage]:
    """W002: views log in, or renew a login, with the password alone."""
    # Imported here: a server that runs no checks does not need the pages and the admin.
    from ninja_totp.checks.login_endpoints import logins_without_factor  # noqa: PLC0415

    routes = logins_without_factor()
    warning = checks.Warning(
        f"These URLs log in or renew a login without the second factor: {', '.join(routes)}.",
        hint="For sessions, add ninja_totp.middleware.SecondFactorMiddleware. For tokens, "
        "remove the view and use the endpoints of this package. Silence this check if the views "
        f"are harmless. See {_GUIDES}/protect-every-page.md",
        id="ninja_totp.W002",
    )
    return [warning] if routes else []


@register(Tags.compatibility)
def check_login_required_middleware(**_: Any) -> list[CheckMessage]:
    """W011: LoginRequiredMiddleware redirects all calls of the Ninja API without a session."""
    # Imported here: a server that runs no checks does not need the pages and the admin.
    from ninja_totp.checks.login_endpoints import routes_behind_login  # noqa: PLC0415

    routes = routes_behind_login()
    warning = checks.Warning(
        f"LoginRequiredMiddleware redirects callers without a session: {', '.join(routes)}.",
        hint="Apply login_not_required to pattern.callback for each pattern of api.urls[0]. The "
        f"API authenticates its callers itself. See {_GUIDES}/mount-the-api.md",
        id="ninja_totp.W011",
    )
    return [warning] if routes else []


@register(Tags.security)
def check_router_auth(**_: Any) -> list[CheckMessage]:
    """W013: the management router is mounted without `auth`: every call answers 401."""
    if not getattr(settings, "ROOT_URLCONF", None) or not _has_ninja_routers():
        return []
    from ninja_totp.api.routes import HAS_AUTH  # noqa: PLC0415 - as above

    return [
        checks.Warning(
            f"totp_router is mounted without auth (NinjaAPI {name!r}): every call answers 401.",
            hint='Write api.add_router("/totp/", totp_router, auth=AsyncJWTAuth()).',
            id="ninja_totp.W013",
        )
        for name, has_auth in HAS_AUTH.items()
        if not has_auth and _is_served(f"{name}:totp-status")
    ]


@register(Tags.security)
def check_middleware_order(**_: Any) -> list[CheckMessage]:
    """E004: SecondFactorMiddleware is not after AuthenticationMiddleware."""
    from ninja_totp.checks.login_endpoints import is_ours  # noqa: PLC0415 - as above

    installed = list(settings.MIDDLEWARE)
    before = installed[: next((at for at, one in enumerate(installed) if is_ours(one)), 0)]
    error = checks.Error(
        "SecondFactorMiddleware must come after AuthenticationMiddleware in MIDDLEWARE.",
        id="ninja_totp.E004",
    )
    is_late = "django.contrib.auth.middleware.AuthenticationMiddleware" in before
    return [] if is_late or not _has_middleware() else [error]


@register(Tags.security)
def check_pages(**_: Any) -> list[CheckMessage]:
    """W012: SecondFactorMiddleware has no page to redirect a browser to."""
    if not _has_middleware() or setting_problems():
        return []
    code = checks.Warning(
        "SecondFactorMiddleware has no page where users can enter a code: TOTP_VERIFY_URL is not "
        "set, or is not in the URLs.",
        hint='Add path("verify/", VerifyView.as_view(), name="verify") and set TOTP_VERIFY_URL = '
        '"verify". Silence this check if only programs have sessions.',
        id="ninja_totp.W012",
    )
    enrolment = checks.Warning(
        "SecondFactorMiddleware has no page where users set up the 2FA that TOTP_REQUIRED wants: "
        "TOTP_ENROL_URL is not set, or is not in the URLs.",
        hint="Set it to your page that logs in with the calls of this package. Silence this check "
        "if only programs have sessions.",
        id="ninja_totp.W012",
    )
    config = get_settings()
    wanted = [(config.verify_url, code)]
    wanted += [(config.enrol_url, enrolment)] if config.required else []
    return [warning for page, warning in wanted if not _is_served(page)]


@register(Tags.security)
def check_session_engine(**_: Any) -> list[CheckMessage]:
    """E005: logging out does not end sessions that carry the second factor."""
    error = checks.Error(
        "SESSION_ENGINE stores sessions in cookies. A copy of such a cookie stays valid after "
        "logout, including its second factor.",
        hint="Use an engine that stores sessions on the server. Silence this check if no session "
        "carries the second factor.",
        id="ninja_totp.E005",
    )
    engine = import_module(settings.SESSION_ENGINE).SessionStore
    is_in_cookie = issubclass(engine, signed_cookies.SessionStore)
    return [error] if is_in_cookie and _has_sessions_with_factor() else []


@register(Tags.security)
def check_required_audiences(**_: Any) -> list[CheckMessage]:
    """E003: TOTP_REQUIRED names users that the user model cannot tell apart."""
    return [
        checks.Error(
            f"TOTP_REQUIRED names {audience}, but your user model has no such field.",
            hint="Use a function of a user instead.",
            id="ninja_totp.E003",
        )
        for audience in ([] if setting_problems() else unknown_audiences())
    ]


@register(Tags.database)
def check_required_groups(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """W009: TOTP_REQUIRED names a group that does not exist."""
    if database() not in (databases or ()) or setting_problems():
        return []
    return [
        checks.Warning(
            f"TOTP_REQUIRED names the group {group!r}, which does not exist.",
            hint="Create the group, or correct its name. Until then the rule applies to no user.",
            id="ninja_totp.W009",
        )
        for group in missing_groups()
    ]


@register(Tags.security)
def check_guess_probability(**_: Any) -> list[CheckMessage]:
    """W003: guessing codes for a year succeeds with a chance above 1 %."""
    if setting_problems():  # reported by E001
        return []
    chance = site_guess_probability()
    warning = checks.Warning(
        f"Brute force: someone with a user's password who guesses codes for a year gets in with a "
        f"probability of {chance.total:.3g} (codes: {chance.codes:.3g}, pairs of codes: "
        f"{chance.pairs:.3g}).",
        hint="Raise TOTP_LOCKOUT_REFILL, or lower TOTP_LOCKOUT_BUDGET or TOTP_WINDOW.",
        id="ninja_totp.W003",
    )
    return [warning] if chance.total > _HIGHEST_CHANCE else []


@register(Tags.compatibility)
def check_authenticators(**_: Any) -> list[CheckMessage]:
    """W004: parameters that many authenticator apps ignore."""
    warning = checks.Warning(
        "TOTP_PERIOD is not 30 or TOTP_ALGORITHM is not SHA1. Many authenticator apps ignore other "
        "values, and their codes are then always wrong.",
        hint="Silence this check if you provide the authenticators. ASVS 6.5.5 requires codes to "
        "expire after 30 seconds at most.",
        id="ninja_totp.W004",
    )
    if setting_problems():
        return []
    parameters = get_settings().parameters
    is_usual = (parameters.period_seconds, parameters.algorithm) == (30, "SHA1")
    return [] if is_usual else [warning]


@register(Tags.security, deploy=True)
def check_throttle_cache(**_: Any) -> list[CheckMessage]:
    """W006: each process counts requests for itself, or none does. W010: the count is inexact."""
    if settings.DEBUG or setting_problems() or get_settings().throttle_rate is None:
        return []
    alias = get_settings().throttle_cache
    warning = checks.Warning(
        f"The rate limit counts in the cache {alias!r}, which is private to each process "
        "(LocMemCache) or stores nothing (DummyCache). TOTP_THROTTLE_RATE then applies to a "
        "process, not to the site.",
        hint="Set TOTP_THROTTLE_CACHE to a cache that all processes share. The lockout does not "
        "depend on it.",
        id="ninja_totp.W006",
    )
    if isinstance(caches[alias], LocMemCache | DummyCache):
        return [warning]
    inexact = checks.Warning(
        f"The rate limit counts in the cache {alias!r}, which reads and writes a number in two "
        "steps (like the database and file caches). A burst of requests is not limited.",
        hint="Set TOTP_THROTTLE_CACHE to Redis or Memcached. The lockout does not depend on it.",
        id="ninja_totp.W010",
    )
    # A backend that counts exactly has its own `incr`.
    return [inexact] if type(caches[alias]).incr is BaseCache.incr else []


@register(Tags.security, deploy=True)
def check_session_cookies(**_: Any) -> list[CheckMessage]:
    """W007: the cookies of sessions with the second factor are not protected."""
    if "session-totp-verify" not in _served_names():
        return []
    is_safe = {
        "SESSION_COOKIE_SECURE": settings.SESSION_COOKIE_SECURE,
        "SESSION_COOKIE_HTTPONLY": settings.SESSION_COOKIE_HTTPONLY,
        "SESSION_COOKIE_SAMESITE": settings.SESSION_COOKIE_SAMESITE in ("Lax", "Strict"),
        "CSRF_COOKIE_SECURE": settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_SECURE,
    }
    wrong = ", ".join(name for name in is_safe if not is_safe[name])
    warning = checks.Warning(
        f"Sessions carry the second factor, but {wrong} leave their cookies unprotected.",
        hint='Set the Secure and HttpOnly settings to True, and SameSite to "Lax" or "Strict".',
        id="ninja_totp.W007",
    )
    return [warning] if wrong else []


@register(Tags.security, deploy=True)
def check_task_backend(**_: Any) -> list[CheckMessage]:
    """W014: the mail of django.tasks is sent before the response, or never."""
    in_django_task = getattr(sys.modules.get("ninja_totp.tasks"), "in_django_task", None)
    if setting_problems() or get_settings().recovery_dispatcher is not in_django_task:
        return []  # TASKS may be anything: Django has it since 6.0
    backend = settings.TASKS["default"]["BACKEND"].rpartition(".")[2]
    warning = checks.Warning(
        f"TOTP_RECOVERY_DISPATCHER uses django.tasks, whose backend is {backend}: mail is sent "
        "before the response (which then takes longer if there is such an account), or never.",
        hint="Set TASKS to a backend with workers, or remove TOTP_RECOVERY_DISPATCHER.",
        id="ninja_totp.W014",
    )
    return [warning] if backend in ("ImmediateBackend", "DummyBackend") else []


@register(Tags.security, deploy=True)
def check_recovery_links(**_: Any) -> list[CheckMessage]:
    """W008: links in recovery mails point to localhost, or use http."""
    is_served = any("recovery-confirm" in name for name in _served_names())
    if not is_served or setting_problems() or not get_settings().recovery_enabled:
        return []
    protocol, domain = get_settings().protocol, get_settings().domain
    warning = checks.Warning(
        f"Links in recovery mails point to {protocol}://{domain}.",
        hint='Set DOMAIN to the host of your frontend and PROTOCOL to "https", or set '
        "TOTP_RECOVERY_ENABLED to False.",
        id="ninja_totp.W008",
    )
    is_local = domain.partition(":")[0] == "localhost"
    return [warning] if is_local or protocol != "https" else []


@register(Tags.security, deploy=True)
def check_token_salt(**_: Any) -> list[CheckMessage]:
    """I001: the salt of challenge tokens is the default."""
    info = checks.Info(
        "TOTP_TOKEN_SALT is the default. Sites that share SECRET_KEY accept each other's "
        "signatures on challenge tokens.",
        hint="Set your own value, or silence this check if no other site has the key. The database "
        "refuses a challenge of another site in any case.",
        id="ninja_totp.I001",
    )
    is_default = not setting_problems() and get_settings().token_salt == DEFAULT_TOKEN_SALT
    return [info] if is_default else []


def _encryption_keys() -> set[bytes]:
    keys = getattr(settings, "TOTP_ENCRYPTION_KEY", None)
    given = keys if isinstance(keys, list | tuple) else [keys]
    return {force_bytes(key).strip() for key in given if isinstance(key, str | bytes)}


def _secret_keys() -> set[bytes]:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return {force_bytes(key).strip() for key in keys}


def _well_known_keys(secret: bytes) -> set[bytes]:
    # The first 32 bytes, and the digest, in the base64 of a Fernet key: the usual recipes.
    raw = {secret[:32].ljust(32, byte) for byte in (b"0", b"=", b"\0", b" ")}
    return {base64.urlsafe_b64encode(one) for one in (*raw, hashlib.sha256(secret).digest())}


def _served_names() -> set[str]:
    # Imported here: a server that runs no checks does not need the pages and the admin.
    from ninja_totp.checks.login_endpoints import served_names  # noqa: PLC0415

    return served_names()


def _has_middleware() -> bool:
    from ninja_totp.checks.login_endpoints import has_middleware  # noqa: PLC0415 - as above

    return has_middleware()


def _has_sessions_with_factor() -> bool:
    return _has_middleware() or not {"totp-verify", "session-totp-verify"}.isdisjoint(
        _served_names()
    )


def _is_served(page: str | None) -> bool:
    try:
        path, prefix = resolve_url(page or ""), get_script_prefix()  # of FORCE_SCRIPT_NAME
        routed = path.replace(prefix, "/", 1) if path.startswith(prefix) else path
        return bool(resolve(routed))
    except (NoReverseMatch, Resolver404):
        return False


def _has_ninja_routers() -> bool:
    # The views of drf_compat work under ATOMIC_REQUESTS: a site with only them is not warned.
    if getattr(settings, "ROOT_URLCONF", None):
        _ = get_resolver().url_patterns  # imports what the site serves
    return "ninja_totp.api" in sys.modules
