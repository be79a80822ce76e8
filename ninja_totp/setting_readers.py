"""How the value of a setting is read. Which settings there are is `conf.py`.

A reader takes the setting's name and value, returns what the package uses, or raises
ImproperlyConfigured with a sentence that names the setting.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from ninja_totp.core.encryption import InvalidKey, KeyRing

__all__ = [
    "Rate",
    "audiences",
    "cache_alias",
    "flag",
    "function",
    "key_ring",
    "link",
    "moment",
    "one_of",
    "or_none",
    "rate",
    "some_of",
    "text",
    "within",
]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: int


def text(name: str, value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ImproperlyConfigured(f"{name} must be a non-empty string.")


def cache_alias(name: str, value: object) -> str:
    if isinstance(value, str) and value in django_settings.CACHES:
        return value
    raise ImproperlyConfigured(f"{name} must be one of the names in CACHES.")


def link(name: str, value: object) -> str:
    text = value if isinstance(value, str) else ""
    try:
        filled = text.format(uid="<uid>", token="<token>")  # noqa: S106 - no password
    except (LookupError, ValueError, AttributeError):
        filled = ""
    if "<uid>" in filled and "<token>" in filled:
        return text
    raise ImproperlyConfigured(f"{name} must hold {{uid}} and {{token}}, and no other braces.")


def function(name: str, value: object) -> Any:
    try:
        found = import_string(value) if isinstance(value, str) else value
    except ImportError:
        found = None
    if callable(found):
        return found
    raise ImproperlyConfigured(f"{name} must be a function, or the dotted path of one.")


def flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ImproperlyConfigured(f"{name} must be True or False.")


def some_of(*choices: str) -> Callable[[str, object], frozenset[str]]:
    def some(name: str, value: object) -> frozenset[str]:
        given = value if isinstance(value, list | tuple | set | frozenset) else [None]
        if all(one in choices for one in given):
            return frozenset(given)
        raise ImproperlyConfigured(f"{name} must be a list out of {', '.join(choices)}.")

    return some


def within(lowest: int, highest: int) -> Callable[[str, object], int]:
    def number(name: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}.")

    return number


def one_of(*choices: object) -> Callable[[str, object], Any]:
    def choice(name: str, value: object) -> Any:
        # 6.0 equals 6, but makes no code of six digits.
        if any(type(value) is type(choice) and value == choice for choice in choices):
            return value
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(map(str, choices))}.")

    return choice


def or_none(reader: Callable[[str, object], Any]) -> Callable[[str, object], Any]:
    return lambda name, value: None if value is None else reader(name, value)


_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def rate(name: str, value: object) -> Rate:
    """Read "10/minute" as Django REST Framework does: the period's first letter counts."""
    text = value if isinstance(value, str) else ""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([smhd])[a-z]*", text)
    if match is None:
        raise ImproperlyConfigured(f'{name} must look like "10/minute", or be None for no limit.')
    return Rate(int(match[1]), _PERIODS[match[2]])


def key_ring(name: str, value: object) -> KeyRing:
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


_AUDIENCES = frozenset({"all", "staff", "superusers"})


def audiences(name: str, value: object) -> tuple[str, ...] | Callable[[Any], bool]:
    """Read whom something is for: users by what they are, or a function of a user."""
    if callable(value) or (isinstance(value, str) and "." in value and ":" not in value):
        rule = function(name, value)
        if iscoroutinefunction(rule):  # whose answer would always count as yes
            raise ImproperlyConfigured(f"{name} must not be an asynchronous function.")
        return rule  # type: ignore[no-any-return]  # whatever it says is asked
    named = (value,) if isinstance(value, str) else value
    if isinstance(named, list | tuple) and named and all(map(_is_audience, named)):
        return tuple(named)
    raise ImproperlyConfigured(
        f'{name} must be "all", "staff", "superusers", "group:NAME", a list of these, or a '
        "function of a user, or the dotted path of one."
    )


def _is_audience(text: object) -> bool:
    return isinstance(text, str) and (text in _AUDIENCES or re.match("group:.", text) is not None)


def moment(name: str, value: object) -> int:
    """Read a moment; the package counts in seconds since the epoch."""
    if isinstance(value, datetime) and value.tzinfo is not None and value.year < 9000:
        return int(value.timestamp())
    raise ImproperlyConfigured(f"{name} must be a datetime with a time zone, before the year 9000.")
