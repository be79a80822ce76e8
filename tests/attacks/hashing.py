"""A password hasher that counts how often it works: a hash is what takes time at a login."""

from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher

__all__ = ["CountingHasher"]


class CountingHasher(MD5PasswordHasher):
    """Counts every hash that is made, for a new password or to compare with an old one."""

    made = 0

    def encode(self, password: Any, salt: Any) -> Any:
        """Make a hash."""
        type(self).made += 1
        return super().encode(password, salt)
