"""Projects with several databases."""

from typing import Any

__all__ = ["AccountsElsewhere", "StaleReplica"]

_ACCOUNTS = frozenset({"accounts", "ninja_totp", "sessions", "contenttypes", "auth", "admin"})


class AccountsElsewhere:
    """Users, and what belongs to them, live in a database that is not the default."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        """Return the alias of the database that has `model`."""
        return "accounts" if model._meta.app_label in _ACCOUNTS else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        """Whether `db` has the tables of the application."""
        return (db == "accounts") == (app_label in _ACCOUNTS)


class StaleReplica:
    """Factors are read from a replica that is always behind: it has the tables and no row."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        """Return the replica for what is ours."""
        return "replica" if model._meta.app_label == "ninja_totp" else None

    def db_for_write(self, model: Any, **_: Any) -> str:
        """Return the primary."""
        return "default"

    def allow_relation(self, *_: Any, **__: Any) -> bool:
        """A replica holds the same rows: relations cross."""
        return True
