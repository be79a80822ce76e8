"""A router whose replica is out of date: whatever is read from it is missing."""

from typing import Any

__all__ = ["StaleReplica"]


class StaleReplica:
    """Sends the reads of our tables to a database that has no rows in them."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        """The replica, for our tables."""
        return "stale" if model._meta.app_label == "ninja_totp" else None

    def db_for_write(self, model: Any, **_: Any) -> str | None:
        """The primary, always."""
        return "default"

    def allow_relation(self, *_: Any, **__: Any) -> bool:
        """Both are the same database at heart."""
        return True
