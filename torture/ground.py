"""What a tortured site stands on: a database, Redis, a mail server that is dead, keys.

Everything is started here and goes with it. One process can stand on one ground: Django's settings
are read once.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Self

from torture.private import DATABASES, DeadMail, Redis
from torture.sites import Site

__all__ = ["Ground"]


class Ground:
    """The services, and this process with Django set up on them. A context manager."""

    def __init__(self, kind: str, *, workers: int, log: Path) -> None:
        self.kind, self.workers = kind, workers
        self.folder = Path(tempfile.mkdtemp(prefix="torture-"))
        self.database, self.redis, self.mail = DATABASES[kind](), Redis(), DeadMail()
        self.keys = self.folder / "keys"
        self.environment = {
            **self.database.environment,
            "DJANGO_SETTINGS_MODULE": "torture.settings",
            "TORTURE_KEYS": str(self.keys),
            "TORTURE_LOG": str(log),
            "TORTURE_MAIL_PORT": str(self.mail.port),
            "TORTURE_REDIS_PORT": str(self.redis.port),
        }

    def __enter__(self) -> Self:
        from ninja_totp.core.encryption import new_key

        self.set_keys(new_key())
        os.environ.update(self.environment)
        if self.kind == "mariadb":
            self._create_database()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        return self

    def __exit__(self, *_: object) -> None:
        self.forget_connections()
        for service in (self.database, self.redis, self.mail):
            service.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create_database(self) -> None:
        import MySQLdb  # type: ignore[import-untyped]  # the driver has no types

        port = int(self.environment["TORTURE_DATABASE_PORT"])
        connection = MySQLdb.connect(host="127.0.0.1", port=port, user="root")
        connection.cursor().execute("CREATE DATABASE torture CHARACTER SET utf8mb4")
        connection.close()

    def set_keys(self, *keys: str) -> None:
        """Write the setting TOTP_ENCRYPTION_KEY; processes read it when they start."""
        self.keys.write_text("\n".join(keys))

    def forget_connections(self) -> None:
        """Close this process's connections, which the end of a server has made useless."""
        from django.db import connections

        connections.close_all()

    def site(self, server: str, *, workers: int | None = None, **settings: str) -> Site:
        """Return a running site on this ground; `settings` are TORTURE_* variables."""
        added: dict[str, Any] = self.environment | {"TORTURE_POOL": "1"} | settings
        return Site(server, workers=workers or self.workers, environment=added)
