"""Password hashers that watch how they are used."""

from typing import ClassVar

from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection


class OutsideTransactions(MD5PasswordHasher):
    """Works in no transaction but the one that pytest-django wraps around a test."""

    def verify(self, password, encoded):
        """As MD5PasswordHasher."""
        assert len(connection.savepoint_ids) == 0
        return super().verify(password, encoded)


class Counted(MD5PasswordHasher):
    """Counts how often it is run."""

    verified: ClassVar[int] = 0

    def verify(self, password, encoded):
        """As MD5PasswordHasher."""
        type(self).verified += 1
        return super().verify(password, encoded)
