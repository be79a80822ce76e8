"""The types of the settings' values, and how they are parsed.

`__init__.py` names the settings. A ValueError continues a sentence that begins with the name of
the setting.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from asgiref.sync import iscoroutinefunction
from django.conf import settings as django_settings
from django.utils.module_loading import import_string
from pydantic import PlainValidator

from ninja_totp.core.encryption import InvalidKey, KeyRing

# The events that send a mail. NIST SP 800-63B-4 requires one for each change (4.1.2.1, 4.6), RFC
# 4226 for a lock (7.2). A recovery sends its own mail. A mail for each wrong code is too many.
NOTICES = (
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
)
NEW_KEY = "Make one: python manage.py totp_keys generate"
Audiences: TypeAlias = tuple[str, ...] | Callable[[Any], bool]

_AUDIENCE = re.compile(r"(all|staff|superusers)\Z|group:.")
_PATH = re.compile(r"/|(/(?!\.\.?(/|$))[^/?#%*\\\s]+)+(/\*?)?")


@dataclass(frozen=True, slots=True)
class Rate:
    """`requests` in `seconds`."""

    requests: int
    seconds: int


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("must be a non-empty string.")


def _one_of(first: int, second: int) -> PlainValidator:
    def chosen(value: object) -> int:
        # 6.0 equals 6, and a Literal accepts it, but it makes no code of six digits.
        if type(value) is int and value in {first, second}:
            return value
        raise ValueError(f"must be {first} or {second}.")

    return PlainValidator(chosen)


def _cache_alias(value: object) -> str:
    if isinstance(value, str) and value in django_settings.CACHES:
        return value
    raise ValueError("must be one of the names in CACHES.")


def _link(value: object) -> str:
    text = value if isinstance(value, str) else ""
    try:
        filled = text.format(uid="<uid>", token="<token>")  # noqa: S106 - no password
    except (LookupError, ValueError, AttributeError):
        filled = ""
    if "<uid>" in filled and "<token>" in filled:
        return text
    raise ValueError("must contain {uid} and {token}, and no other braces.")


def _function(value: object) -> Callable[..., Any]:
    try:
        found: object = import_string(value) if isinstance(value, str) else value
    except ImportError:
        found = None
    if callable(found):
        return found
    raise ValueError("must be a function, or the dotted path to one.")


def _key_ring(value: object) -> KeyRing:
    given = value if isinstance(value, list | tuple) else [value]
    keys = [key for key in given if isinstance(key, str | bytes) and key]
    if not keys or len(keys) != len(given):
        raise ValueError(f"must be set to a Fernet key, or a list of them, newest first. {NEW_KEY}")
    try:
        return KeyRing(keys)
    except InvalidKey as error:
        raise ValueError(f"must be a valid Fernet key: {error} {NEW_KEY}") from None


def _paths(value: object) -> tuple[str, ...]:
    paths = value if isinstance(value, list | tuple | set | frozenset) else [None]
    if all(isinstance(path, str) and _PATH.fullmatch(path) for path in paths):
        return tuple(paths)
    raise ValueError(
        'must be a list of paths such as "/health/", or "/hooks/*" for all paths below.'
    )


def _rate(value: object) -> Rate:
    # As Django REST Framework reads it: the period's first letter counts.
    text = value if isinstance(value, str) else ""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([smhd])[a-z]*", text)
    if match is None:
        raise ValueError('must look like "10/minute", or be None for no limit.')
    return Rate(int(match[1]), {"s": 1, "m": 60, "h": 3600, "d": 86_400}[match[2]])


def _moment(value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, datetime) and value.tzinfo is not None and value.year < 9000:
        return int(value.timestamp())
    raise ValueError("must be a datetime with a time zone, before the year 9000.")


def _notices(value: object) -> frozenset[str]:
    events = value if isinstance(value, list | tuple | set | frozenset) else [None]
    if all(event in NOTICES for event in events):
        return frozenset(events)
    raise ValueError(f"must be a list of any of: {', '.join(NOTICES)}.")


def audiences(value: object) -> Audiences:
    """Return the users that a value of TOTP_REQUIRED names: audiences, or a function of a user.

    ValueError for any other value. It continues a sentence that begins with the setting's name.
    """
    if callable(value) or (isinstance(value, str) and "." in value and ":" not in value):
        rule = _function(value)
        if iscoroutinefunction(rule):  # a coroutine would always count as true
            raise ValueError("must not be an asynchronous function.")
        return rule
    named = (value,) if isinstance(value, str) else value
    names = named if isinstance(named, list | tuple) else []
    if names and all(isinstance(one, str) and _AUDIENCE.match(one) for one in names):
        return tuple(names)
    raise ValueError(
        'must be "all", "staff", "superusers", "group:NAME", a list of these, a function of a '
        "user, or the dotted path to one."
    )


BackupCodeLength = Annotated[int, _one_of(16, 24)]
CacheAlias = Annotated[str, PlainValidator(_cache_alias)]
Digits = Annotated[int, _one_of(6, 8)]
Dispatcher = Annotated[Callable[..., None], PlainValidator(_function)]
Keys = Annotated[KeyRing, PlainValidator(_key_ring)]
Link = Annotated[str, PlainValidator(_link)]
Moment = Annotated[int, PlainValidator(_moment)]
Paths = Annotated[tuple[str, ...], PlainValidator(_paths)]
Notices = Annotated[frozenset[str], PlainValidator(_notices)]
RateText = Annotated[Rate, PlainValidator(_rate)]
Required = Annotated[Audiences, PlainValidator(audiences)]
Text = Annotated[str, PlainValidator(_text)]
