"""System checks: what can be wrong with a site's settings, found before the first request.

Ids are stable: `ninja_totp.E001` and so on; they are listed in docs/reference/checks.md.
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
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve
from django.utils.encoding import force_bytes

from ninja_totp.conf import DEFAULT_TOKEN_SALT, get_settings, setting_problems
from ninja_totp.services.policy.enforcement import missing_groups, unknown_audiences
from ninja_totp.services.policy.guessing import site_guess_probability
from ninja_totp.transactions import database

# What a year of guessing may come to. No standard names a figure for a year: NIST SP 800-63B-4,
# 3.2.2 and RFC 4226, 7.3 leave it to the site.
_HIGHEST_CHANCE = 0.01
_NEW_KEY = "Make one: python -c 'from ninja_totp.core.encryption import new_key; print(new_key())'"


@register(Tags.security)
def check_settings(**_: Any) -> list[CheckMessage]:
    """E001: a TOTP_* setting that cannot be used."""
    return [
        checks.Error(sentence, obj=name, id="ninja_totp.E001")
        for name, sentence in setting_problems()
    ]


@register(Tags.security)
def check_key_reuse(**_: Any) -> list[CheckMessage]:
    """E002: SECRET_KEY serves as an encryption key (one leak would open both)."""
    error = checks.Error(
        "TOTP_ENCRYPTION_KEY must not be SECRET_KEY.", hint=_NEW_KEY, id="ninja_totp.E002"
    )
    return [error] if _secret_keys() & _encryption_keys() else []


@register(Tags.security)
def check_derived_key(**_: Any) -> list[CheckMessage]:
    """W005: an encryption key that follows from SECRET_KEY by a well-known recipe."""
    warning = checks.Warning(
        "TOTP_ENCRYPTION_KEY is made from SECRET_KEY: anyone who learns that one reads the "
        "secrets too, and it cannot be changed without the other.",
        hint=f"{_NEW_KEY}. Put it before the present one, and rotate.",
        id="ninja_totp.W005",
    )
    derived = {key for secret in _secret_keys() for key in _well_known_keys(secret)}
    return [warning] if derived & _encryption_keys() else []


@register(Tags.async_support)
def check_atomic_requests(**_: Any) -> list[CheckMessage]:
    """W001: ATOMIC_REQUESTS, under which Django refuses every asynchronous view."""
    warning = checks.Warning(
        "ATOMIC_REQUESTS is on: Django cannot run the asynchronous views of ninja_totp.api.",
        hint="Switch it off, or use the views of drf_compat, which work with it.",
        id="ninja_totp.W001",
    )
    # Of whichever database: Django refuses an asynchronous view for each of them.
    is_atomic = any(connections[alias].settings_dict["ATOMIC_REQUESTS"] for alias in connections)
    return [warning] if is_atomic and _has_ninja_routers() else []


@register(Tags.security)
def check_login_doors(**_: Any) -> list[CheckMessage]:
    """W002: a view that logs in, or renews a login, by the first factor alone."""
    # Here, because a server that runs no checks has no use for the pages and the admin.
    from ninja_totp.checks.login_endpoints import doors_past_the_factor  # noqa: PLC0415

    return [
        checks.Warning(
            f"{route} logs in or renews a login by the first factor alone.",
            hint="Sessions: add ninja_totp.middleware.SecondFactorMiddleware. Tokens: take it out "
            "of the URLs and use the calls of this package. docs/how-to/protect-every-page.md says "
            "more. Silence this where what it opens does not matter.",
            id="ninja_totp.W002",
        )
        for route in doors_past_the_factor()
    ]


@register(Tags.compatibility)
def check_login_required_middleware(**_: Any) -> list[CheckMessage]:
    """W011: LoginRequiredMiddleware redirects every call of the Ninja API without a session."""
    # Here, because a server that runs no checks has no use for the pages and the admin.
    from ninja_totp.checks.login_endpoints import routes_behind_login  # noqa: PLC0415

    routes = routes_behind_login()
    warning = checks.Warning(
        f"LoginRequiredMiddleware redirects callers without a session: {', '.join(routes)}.",
        hint="for pattern in api.urls[0]: login_not_required(pattern.callback), and mount these: "
        "docs/how-to/mount-the-api.md. The API authenticates its callers by itself.",
        id="ninja_totp.W011",
    )
    return [warning] if routes else []


@register(Tags.security)
def check_middleware_order(**_: Any) -> list[CheckMessage]:
    """E004: SecondFactorMiddleware without those that it needs before it."""
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
def check_verify_page(**_: Any) -> list[CheckMessage]:
    """W012: SecondFactorMiddleware has no page to lead a browser to."""
    if not _has_middleware() or setting_problems():
        return []
    warning = checks.Warning(
        "SecondFactorMiddleware has no page on which a browser can enter a code: TOTP_VERIFY_URL "
        "is not set, or not in the URLs.",
        hint='path("verify/", VerifyView.as_view(), name="verify") and TOTP_VERIFY_URL = "verify". '
        "Silence this where only programs have sessions.",
        id="ninja_totp.W012",
    )
    return [] if _is_served(get_settings().verify_url) else [warning]


@register(Tags.security)
def check_session_engine(**_: Any) -> list[CheckMessage]:
    """E005: sessions that carry the second factor, and that logging out does not end."""
    error = checks.Error(
        "SESSION_ENGINE keeps sessions in cookies: a copy of one is good after its user has "
        "logged out, with the second factor that it has proved.",
        hint="Use an engine that keeps them on the server. Silence this where no session carries "
        "the second factor.",
        id="ninja_totp.E005",
    )
    engine = import_module(settings.SESSION_ENGINE).SessionStore
    is_in_cookie = issubclass(engine, signed_cookies.SessionStore)
    return [error] if is_in_cookie and _has_sessions_with_factor() else []


@register(Tags.security)
def check_required_audiences(**_: Any) -> list[CheckMessage]:
    """E003: TOTP_REQUIRED names users that the user model does not know: it applies to none."""
    return [
        checks.Error(
            f"TOTP_REQUIRED names {audience}, of which your user model knows nothing.",
            hint="Name a function of a user instead.",
            id="ninja_totp.E003",
        )
        for audience in ([] if setting_problems() else unknown_audiences())
    ]


@register(Tags.database)
def check_required_groups(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """W009: TOTP_REQUIRED names a group that does not exist: it would apply to no user."""
    if database() not in (databases or ()) or setting_problems():
        return []
    return [
        checks.Warning(
            f"TOTP_REQUIRED names the group {group!r}, which does not exist.",
            hint="Make the group, or correct its name; until then the rule applies to no user.",
            id="ninja_totp.W009",
        )
        for group in missing_groups()
    ]


@register(Tags.security)
def check_guess_probability(**_: Any) -> list[CheckMessage]:
    """W003: guessing for a year succeeds more often than once in a hundred accounts."""
    if setting_problems():  # E001 says so, and there is nothing to work with
        return []
    chance = site_guess_probability()
    warning = checks.Warning(
        f"Anyone who knows a user's password and guesses for a year gets in with a chance of "
        f"{chance.total:.3g} (codes: {chance.codes:.3g}, pairs of codes: {chance.pairs:.3g}).",
        hint="Raise TOTP_LOCKOUT_REFILL, or lower TOTP_LOCKOUT_BUDGET or TOTP_WINDOW.",
        id="ninja_totp.W003",
    )
    return [warning] if chance.total > _HIGHEST_CHANCE else []


@register(Tags.compatibility)
def check_authenticators(**_: Any) -> list[CheckMessage]:
    """W004: parameters that authenticator apps ignore, so that their codes are never right."""
    warning = checks.Warning(
        "TOTP_PERIOD and TOTP_ALGORITHM are not 30 and SHA1: many authenticator apps ignore "
        "other values and show codes that are never right.",
        hint="Silence this where you hand out the authenticators. ASVS 6.5.5 wants codes to "
        "live for 30 seconds at most.",
        id="ninja_totp.W004",
    )
    if setting_problems():
        return []
    parameters = get_settings().parameters
    is_usual = (parameters.period_seconds, parameters.algorithm) == (30, "SHA1")
    return [] if is_usual else [warning]


@register(Tags.security, deploy=True)
def check_throttle_cache(**_: Any) -> list[CheckMessage]:
    """W006: requests are counted by each process for itself, or not at all. W010: inexactly."""
    if settings.DEBUG or setting_problems() or get_settings().throttle_rate is None:
        return []
    alias = get_settings().throttle_cache
    warning = checks.Warning(
        f"The throttle counts in the cache {alias!r}, which each process has for itself "
        "(LocMemCache) or which keeps nothing (DummyCache): TOTP_THROTTLE_RATE holds for a "
        "process and not for the site.",
        hint="Let TOTP_THROTTLE_CACHE name a cache that all processes share. The lock-out "
        "does not depend on it.",
        id="ninja_totp.W006",
    )
    if isinstance(caches[alias], LocMemCache | DummyCache):
        return [warning]
    inexact = checks.Warning(
        f"The throttle counts in the cache {alias!r}, which reads and writes a number in two steps "
        "(the database's and the file-based one do): a burst of requests is not limited.",
        hint="Let TOTP_THROTTLE_CACHE name Redis or Memcached. The lock-out does not depend on it.",
        id="ninja_totp.W010",
    )
    # A backend that counts exactly has an `incr` of its own.
    return [inexact] if type(caches[alias]).incr is BaseCache.incr else []


@register(Tags.security, deploy=True)
def check_session_cookies(**_: Any) -> list[CheckMessage]:
    """W007: sessions that carry the second factor travel in cookies that others can read."""
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
        f"Sessions carry the second factor, and {wrong} leave their cookies open.",
        hint='Secure and HttpOnly belong on, SameSite on "Lax" or "Strict".',
        id="ninja_totp.W007",
    )
    return [warning] if wrong else []


@register(Tags.security, deploy=True)
def check_recovery_links(**_: Any) -> list[CheckMessage]:
    """W008: links in mail about recovery lead to the developer's own machine, or over http."""
    is_served = any("recovery-confirm" in name for name in _served_names())
    if not is_served or setting_problems() or not get_settings().recovery_enabled:
        return []
    protocol, domain = get_settings().protocol, get_settings().domain
    warning = checks.Warning(
        f"Mail about recovery links to {protocol}://{domain}.",
        hint='Set DOMAIN to your frontend\'s and PROTOCOL to "https", or '
        "TOTP_RECOVERY_ENABLED to False.",
        id="ninja_totp.W008",
    )
    is_local = domain.partition(":")[0] == "localhost"
    return [warning] if is_local or protocol != "https" else []


@register(Tags.security, deploy=True)
def check_token_salt(**_: Any) -> list[CheckMessage]:
    """I001: the salt of challenges is the one that every site has."""
    info = checks.Info(
        "TOTP_TOKEN_SALT is the default: sites that share SECRET_KEY accept the signatures of "
        "each other's challenges.",
        hint="Set it to anything of your own, or silence this where no other site has the key. "
        "A challenge of another site is unknown to this one's database either way.",
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
    # The first 32 bytes, and the digest, in the base64 of a Fernet key: what is copied around.
    raw = {secret[:32].ljust(32, byte) for byte in (b"0", b"=", b"\0", b" ")}
    return {base64.urlsafe_b64encode(one) for one in (*raw, hashlib.sha256(secret).digest())}


def _served_names() -> set[str]:
    # Here, because a server that runs no checks has no use for the pages and the admin.
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
        return page is not None and bool(resolve(resolve_url(page)))
    except (NoReverseMatch, Resolver404):
        return False


def _has_ninja_routers() -> bool:
    # The views of drf_compat work under ATOMIC_REQUESTS: a site of theirs alone is not warned.
    if getattr(settings, "ROOT_URLCONF", None):
        _ = get_resolver().url_patterns  # imports what the site serves
    return "ninja_totp.api" in sys.modules
