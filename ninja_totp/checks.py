"""System checks: what can be wrong with a site's settings, found before the first request.

Ids are stable: `ninja_totp.E001` and so on; they are listed in docs/reference/checks.md.
"""

import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections
from django.urls import get_resolver
from django.utils.encoding import force_bytes

from ninja_totp.conf import setting_problems
from ninja_totp.services.enforcement import missing_groups
from ninja_totp.services.swapping import database

__all__ = [
    "check_atomic_requests",
    "check_key_reuse",
    "check_login_doors",
    "check_required_groups",
    "check_settings",
]


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
    keys = getattr(settings, "TOTP_ENCRYPTION_KEY", None)
    keys = keys if isinstance(keys, list | tuple) else [keys]
    if not {settings.SECRET_KEY, force_bytes(settings.SECRET_KEY)}.intersection(keys):
        return []
    return [
        checks.Error(
            "TOTP_ENCRYPTION_KEY must not be SECRET_KEY.",
            hint="Make one: python -c 'from ninja_totp.core.encryption import new_key; "
            "print(new_key())'",
            id="ninja_totp.E002",
        )
    ]


@register(Tags.async_support)
def check_atomic_requests(**_: Any) -> list[CheckMessage]:
    """W001: ATOMIC_REQUESTS, under which Django refuses every asynchronous view."""
    if not (connections[database()].settings_dict["ATOMIC_REQUESTS"] and _has_ninja_routers()):
        return []
    return [
        checks.Warning(
            "ATOMIC_REQUESTS is on: Django cannot run the asynchronous views of ninja_totp.api.",
            hint="Switch it off, or use the views of drf_compat, which work with it.",
            id="ninja_totp.W001",
        )
    ]


@register(Tags.security)
def check_login_doors(**_: Any) -> list[CheckMessage]:
    """W002: a view that logs in by the password alone, whoever has a second factor."""
    # Here, because a server that runs no checks has no use for the pages and the admin.
    from ninja_totp.login_doors import doors_past_the_factor  # noqa: PLC0415

    return [
        checks.Warning(
            f"{route} logs in by a password alone, past the second factor.",
            hint="Take it out of the URLs, or put the second factor before it: "
            "docs/how-to/guard-endpoints.md says how. Silence this where what it opens does not "
            "matter.",
            id="ninja_totp.W002",
        )
        for route in doors_past_the_factor()
    ]


@register(Tags.database)
def check_required_groups(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """W009: TOTP_REQUIRED names a group that does not exist: it would mean nobody."""
    if database() not in (databases or ()):
        return []
    return [
        checks.Warning(
            f"TOTP_REQUIRED names the group {group!r}, which does not exist.",
            hint="Make the group, or correct its name; until then the rule means nobody.",
            id="ninja_totp.W009",
        )
        for group in missing_groups()
    ]


def _has_ninja_routers() -> bool:
    # The views of drf_compat work under ATOMIC_REQUESTS: a site of theirs alone is not warned.
    if getattr(settings, "ROOT_URLCONF", None):
        _ = get_resolver().url_patterns  # imports what the site serves
    return "ninja_totp.api" in sys.modules
