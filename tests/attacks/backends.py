"""Authentication backends of the kind that projects write."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

__all__ = ["CaseInsensitiveBackend"]


class CaseInsensitiveBackend(ModelBackend):
    """Nobody has to remember how they spelled their name."""

    def authenticate(
        self, request: Any, username: Any = None, password: Any = None, **_: Any
    ) -> Any:
        """Return the user of that name, however it is spelled."""
        user = get_user_model().objects.filter(username__iexact=username.strip()).first()
        return user if user is not None and user.check_password(password) else None
