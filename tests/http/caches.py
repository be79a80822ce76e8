"""Caches as they behave in bad times."""

from typing import Any

from django.core.cache.backends.base import BaseCache

__all__ = ["DeadCache", "ForgetfulCache", "SilentCache"]


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
