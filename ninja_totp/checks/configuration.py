"""System checks: find wrong settings before the first request.

Ids are stable (`ninja_totp.E001`). docs/reference/checks.md lists them.
"""

import base64
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import signed_cookies
from django.core import checks
from django.core.cache import caches
from django.core.cache.backends import base, dummy, locmem
from django.core.checks import CheckMessage, Tags
from django.db import connections
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, get_resolver, get_script_prefix, resolve
from django.utils.encoding import force_bytes

from ninja_totp.conf import DEFAULT_TOKEN_SALT, TotpSettings, get_settings, setting_problems
from ninja_totp.conf.types import NEW_KEY
from ninja_totp.services.policy.enforcement import missing_groups, unknown_audiences
from ninja_totp.services.policy.guessing import site_guess_probability
from ninja_totp.transactions import database

# The highest accepted chance of guessing for a year. No standard has a number for a year: NIST SP
# 800-63B-4, 3.2.2 and RFC 4226, 7.3 leave it to the site.
_HIGHEST_CHANCE = 0.01
_GUIDES = "https://github.com/ninja-totp/ninja-totp/blob/main/docs/how-to"


def _check(
    id_: str, tag: str, *, deploy: bool = False, reads_settings: bool = False
) -> Callable[[Callable[[], Iterator[CheckMessage]]], Callable[..., list[CheckMessage]]]:
    """Register a check whose messages get this id.

    One that reads the settings finds nothing while E001 reports some of them, one that reads the
    database nothing unless Django asks for our database.
    """

    def registered(find: Callable[[], Iterator[CheckMessage]]) -> Callable[..., list[CheckMessage]]:
        @checks.register(tag, deploy=deploy)
        def run(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
            is_left_out = tag == Tags.database and database() not in (databases or ())
            is_silent = reads_settings and setting_problems()
            found = [] if is_left_out or is_silent else list(find())
            for message in found:
                message.id = id_
            return found

        return run

    return registered


@_check("ninja_totp.E001", Tags.security)
def check_settings() -> Iterator[CheckMessage]:
    """A TOTP_* setting has an invalid value."""
    for name, sentence in setting_problems():
        yield checks.Error(sentence, obj=name)


@_check("ninja_totp.E002", Tags.security)
def check_key_reuse() -> Iterator[CheckMessage]:
    """SECRET_KEY is also an encryption key (one leak would open both)."""
    if _secret_keys() & _encryption_keys():
        yield checks.Error("TOTP_ENCRYPTION_KEY must not be SECRET_KEY.", hint=NEW_KEY)


@_check("ninja_totp.W005", Tags.security)
def check_derived_key() -> Iterator[CheckMessage]:
    """An encryption key is derived from SECRET_KEY in a well-known way."""
    derived = {key for secret in _secret_keys() for key in _well_known_keys(secret)}
    if derived & _encryption_keys():
        yield checks.Warning(
            "TOTP_ENCRYPTION_KEY is derived from SECRET_KEY. Anyone with SECRET_KEY can read the "
            "TOTP secrets, and neither key can be changed alone.",
            hint=f"{NEW_KEY}. Put it before the current key, then run totp_keys reencrypt.",
        )


@_check("ninja_totp.W001", Tags.async_support)
def check_atomic_requests() -> Iterator[CheckMessage]:
    """ATOMIC_REQUESTS is on. Django then refuses every asynchronous view."""
    # On any database: Django refuses asynchronous views for each of them.
    is_atomic = any(connections[alias].settings_dict["ATOMIC_REQUESTS"] for alias in connections)
    if is_atomic and _has_ninja_routers():
        yield checks.Warning(
            "ATOMIC_REQUESTS is on: Django cannot run the asynchronous views of ninja_totp.api.",
            hint="Turn it off, or use the views of drf_compat, which work with it.",
        )


@_check("ninja_totp.W002", Tags.security)
def check_login_views() -> Iterator[CheckMessage]:
    """Views log in, or renew a login, with the password alone."""
    if routes := _login_endpoints().logins_without_factor():
        yield checks.Warning(
            f"These URLs log in or renew a login without the second factor: {', '.join(routes)}.",
            hint="For sessions, add ninja_totp.middleware.SecondFactorMiddleware. For tokens, "
            "remove the view and use the endpoints of this package. Silence this check if the "
            f"views are harmless. See {_GUIDES}/protect-every-page.md",
        )


@_check("ninja_totp.W011", Tags.compatibility)
def check_login_required_middleware() -> Iterator[CheckMessage]:
    """LoginRequiredMiddleware redirects all calls of the Ninja API without a session."""
    if routes := _login_endpoints().routes_behind_login():
        yield checks.Warning(
            f"LoginRequiredMiddleware redirects callers without a session: {', '.join(routes)}.",
            hint="Apply login_not_required to pattern.callback for each pattern of api.urls[0]. "
            f"The API authenticates its callers itself. See {_GUIDES}/mount-the-api.md",
        )


@_check("ninja_totp.W013", Tags.security)
def check_router_auth() -> Iterator[CheckMessage]:
    """The management router is mounted without `auth`: every call answers 401."""
    if not getattr(settings, "ROOT_URLCONF", None) or not _has_ninja_routers():
        return
    from ninja_totp.api.routes import HAS_AUTH  # noqa: PLC0415 (only if it is used)

    for name, has_auth in HAS_AUTH.items():
        if not has_auth and _is_served(f"{name}:totp-status"):
            yield checks.Warning(
                f"totp_router is mounted without auth (NinjaAPI {name!r}): every call answers 401.",
                hint='Write api.add_router("/totp/", totp_router, auth=AsyncJWTAuth()).',
            )


@_check("ninja_totp.E004", Tags.security)
def check_middleware_order() -> Iterator[CheckMessage]:
    """SecondFactorMiddleware is not after AuthenticationMiddleware."""
    ours = [at for at, one in enumerate(settings.MIDDLEWARE) if _login_endpoints().is_ours(one)]
    before = settings.MIDDLEWARE[: ours[0]] if ours else []
    if ours and "django.contrib.auth.middleware.AuthenticationMiddleware" not in before:
        yield checks.Error(
            "SecondFactorMiddleware must come after AuthenticationMiddleware in MIDDLEWARE."
        )


@_check("ninja_totp.W012", Tags.security, reads_settings=True)
def check_pages() -> Iterator[CheckMessage]:
    """SecondFactorMiddleware has no page to redirect a browser to."""
    has_middleware, config = _login_endpoints().has_middleware(), get_settings()
    if has_middleware and not _is_served(config.verify_url):
        yield checks.Warning(
            "SecondFactorMiddleware has no page where users can enter a code: TOTP_VERIFY_URL is "
            "not set, or is not in the URLs.",
            hint='Add path("verify/", VerifyView.as_view(), name="verify") and set TOTP_VERIFY_URL '
            '= "verify". Silence this check if only programs have sessions.',
        )
    if has_middleware and config.required and not _is_served(config.enrol_url):
        yield checks.Warning(
            "SecondFactorMiddleware has no page where users set up the 2FA that TOTP_REQUIRED "
            "wants: TOTP_ENROL_URL is not set, or is not in the URLs.",
            hint="Set it to your page that logs in with the calls of this package. Silence this "
            "check if only programs have sessions.",
        )


@_check("ninja_totp.E005", Tags.security)
def check_session_engine() -> Iterator[CheckMessage]:
    """Logging out does not end sessions that carry the second factor."""
    engine = import_module(settings.SESSION_ENGINE).SessionStore
    endpoints, verifies = _login_endpoints(), {"totp-verify", "session-totp-verify"}
    is_used = endpoints.has_middleware() or verifies & endpoints.served_names()
    if is_used and issubclass(engine, signed_cookies.SessionStore):
        yield checks.Error(
            "SESSION_ENGINE stores sessions in cookies. A copy of such a cookie stays valid after "
            "logout, including its second factor.",
            hint="Use an engine that stores sessions on the server. Silence this check if no "
            "session carries the second factor.",
        )


@_check("ninja_totp.E003", Tags.security, reads_settings=True)
def check_required_audiences() -> Iterator[CheckMessage]:
    """TOTP_REQUIRED names users that the user model cannot tell apart."""
    for audience in unknown_audiences():
        yield checks.Error(
            f"TOTP_REQUIRED names {audience}, but your user model has no such field.",
            hint="Use a function of a user instead.",
        )


@_check("ninja_totp.W009", Tags.database, reads_settings=True)
def check_required_groups() -> Iterator[CheckMessage]:
    """TOTP_REQUIRED names a group that does not exist."""
    for group in missing_groups():
        yield checks.Warning(
            f"TOTP_REQUIRED names the group {group!r}, which does not exist.",
            hint="Create the group, or correct its name. Until then the rule applies to no user.",
        )


@_check("ninja_totp.W003", Tags.security, reads_settings=True)
def check_guess_probability() -> Iterator[CheckMessage]:
    """Guessing codes for a year succeeds with a chance above 1 %."""
    chance = site_guess_probability()
    if chance.total > _HIGHEST_CHANCE:
        yield checks.Warning(
            "Brute force: someone with a user's password who guesses codes for a year gets in with "
            f"a probability of {chance.total:.3g} (codes: {chance.codes:.3g}, pairs of codes: "
            f"{chance.pairs:.3g}).",
            hint="Raise TOTP_LOCKOUT_REFILL, or lower TOTP_LOCKOUT_BUDGET or TOTP_WINDOW.",
        )


@_check("ninja_totp.W004", Tags.compatibility, reads_settings=True)
def check_authenticators() -> Iterator[CheckMessage]:
    """The parameters are ones that many authenticator apps ignore."""
    if (get_settings().period, get_settings().algorithm) != (30, "SHA1"):
        yield checks.Warning(
            "TOTP_PERIOD is not 30 or TOTP_ALGORITHM is not SHA1. Many authenticator apps ignore "
            "other values, and their codes are then always wrong.",
            hint="Silence this check if you provide the authenticators. ASVS 6.5.5 requires codes "
            "to expire after 30 seconds at most.",
        )


@_check("ninja_totp.W006", Tags.security, deploy=True, reads_settings=True)
def check_throttle_cache() -> Iterator[CheckMessage]:
    """Each process counts requests for itself, or none does."""
    alias = get_settings().throttle_cache
    if _limits_rate() and isinstance(caches[alias], locmem.LocMemCache | dummy.DummyCache):
        yield checks.Warning(
            f"The rate limit counts in the cache {alias!r}, which is private to each process "
            "(LocMemCache) or stores nothing (DummyCache). TOTP_THROTTLE_RATE then applies to a "
            "process, not to the site.",
            hint="Set TOTP_THROTTLE_CACHE to a cache that all processes share. The lockout does "
            "not depend on it.",
        )


@_check("ninja_totp.W010", Tags.security, deploy=True, reads_settings=True)
def check_throttle_counter() -> Iterator[CheckMessage]:
    """The cache counts requests inexactly."""
    alias = get_settings().throttle_cache
    cache = caches[alias]
    hint = "Set TOTP_THROTTLE_CACHE to Redis or Memcached. The lockout does not depend on it."
    # A backend that counts exactly has its own `incr`. Dummy caches are for W006.
    is_inexact = type(cache).incr is base.BaseCache.incr and not isinstance(cache, dummy.DummyCache)
    if _limits_rate() and is_inexact:
        yield checks.Warning(
            f"The rate limit counts in the cache {alias!r}, which reads and writes a number in two "
            "steps (like the database and file caches). A burst of requests is not limited.",
            hint,
        )


@_check("ninja_totp.W007", Tags.security, deploy=True)
def check_session_cookies() -> Iterator[CheckMessage]:
    """The cookies of sessions with the second factor are not protected."""
    is_safe = {
        "SESSION_COOKIE_SECURE": settings.SESSION_COOKIE_SECURE,
        "SESSION_COOKIE_HTTPONLY": settings.SESSION_COOKIE_HTTPONLY,
        "SESSION_COOKIE_SAMESITE": settings.SESSION_COOKIE_SAMESITE in ("Lax", "Strict"),
        "CSRF_COOKIE_SECURE": settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_SECURE,
    }
    wrong = ", ".join(name for name in is_safe if not is_safe[name])
    if wrong and "session-totp-verify" in _login_endpoints().served_names():
        yield checks.Warning(
            f"Sessions carry the second factor, but {wrong} leave their cookies unprotected.",
            hint='Set the Secure and HttpOnly settings to True, and SameSite to "Lax" or "Strict".',
        )


@_check("ninja_totp.W014", Tags.security, deploy=True, reads_settings=True)
def check_task_backend() -> Iterator[CheckMessage]:
    """The mail of django.tasks is sent before the response, or never."""
    in_django_task = getattr(sys.modules.get("ninja_totp.tasks"), "in_django_task", None)
    if get_settings().recovery_dispatcher is not in_django_task:
        return  # TASKS may be anything: Django has it since 6.0
    backend = settings.TASKS["default"]["BACKEND"].rpartition(".")[2]
    if backend in ("ImmediateBackend", "DummyBackend"):
        yield checks.Warning(
            f"TOTP_RECOVERY_DISPATCHER uses django.tasks, whose backend is {backend}: mail is sent "
            "before the response (which then takes longer if there is such an account), or never.",
            hint="Set TASKS to a backend with workers, or remove TOTP_RECOVERY_DISPATCHER.",
        )


@_check("ninja_totp.W008", Tags.security, deploy=True, reads_settings=True)
def check_recovery_links() -> Iterator[CheckMessage]:
    """Links in recovery mails point to localhost, or use http."""
    config, served = get_settings(), _login_endpoints().served_names()
    is_wrong = config.domain.partition(":")[0] == "localhost" or config.protocol != "https"
    if is_wrong and config.recovery_enabled and any("recovery-confirm" in name for name in served):
        yield checks.Warning(
            f"Links in recovery mails point to {config.protocol}://{config.domain}.",
            hint='Set DOMAIN to the host of your frontend and PROTOCOL to "https", or set '
            "TOTP_RECOVERY_ENABLED to False.",
        )


@_check("ninja_totp.W015", Tags.security, deploy=True, reads_settings=True)
def check_issuer() -> Iterator[CheckMessage]:
    """Authenticator apps show the default as the name of the site."""
    if get_settings().issuer == TotpSettings.model_fields["issuer"].default:
        yield checks.Warning(
            f'TOTP_ISSUER is the default: authenticator apps show "{get_settings().issuer}".',
            hint="Set it to the name of your site. Apps that are already set up keep the old name.",
        )


@_check("ninja_totp.I001", Tags.security, deploy=True, reads_settings=True)
def check_token_salt() -> Iterator[CheckMessage]:
    """The salt of challenge tokens is the default."""
    if get_settings().token_salt == DEFAULT_TOKEN_SALT:
        yield checks.Info(
            "TOTP_TOKEN_SALT is the default. Sites that share SECRET_KEY accept each other's "
            "signatures on challenge tokens.",
            hint="Set your own value, or silence this check if no other site has the key. The "
            "database refuses a challenge of another site in any case.",
        )


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


def _limits_rate() -> bool:
    return get_settings().throttle_rate is not None and not settings.DEBUG


def _login_endpoints() -> Any:  # Any: a module
    # Imported here: a server that runs no checks does not need the pages and the admin.
    return import_module("ninja_totp.checks.login_endpoints")


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
