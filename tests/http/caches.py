"""Caches as they behave in bad times."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache

__all__ = ["DeadCache", "ForgetfulCache", "SilentCache", "TimedCache"]


class DeadCache(BaseCache):
    """A cache whose server is down."""

    def __init__(self, *_: Any) -> None:
        super().__init__({})

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("The cache is down.")

    add = get = set = incr = touch = delete = _refuse


class ForgetfulCache(DeadCache):
    """A cache that has evicted everything by the next call."""

    def add(self, *_: Any, **__: Any) -> bool:
        """Say that there is something already."""
        return False

    def incr(self, *_: Any, **__: Any) -> int:
        """Say that there is no such key."""
        raise ValueError("Key not found")


class SilentCache(DeadCache):
    """A cache that is down and hides it, as django-redis does with IGNORE_EXCEPTIONS."""

    def _refuse(self, *_: Any, **__: Any) -> None:
        return None

    add = get = set = incr = touch = delete = _refuse


class TimedCache(LocMemCache):
    """A cache whose `incr` gives a key its default time; `lifetimes` is how long each key lives."""

    lifetimes: dict[str, Any] = {}

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        """Note the time of a new key."""
        is_new = super().add(key, value, timeout, version)
        if is_new:
            self.lifetimes[key] = timeout
        return is_new

    def incr(self, key: str, delta: int = 1, version: Any = None) -> int:
        """Note the default time."""
        self.lifetimes[key] = DEFAULT_TIMEOUT
        return super().incr(key, delta, version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """Note the new time."""
        self.lifetimes[key] = timeout
        return super().touch(key, timeout, version)
