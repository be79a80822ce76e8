"""The REST framework door of ninja_totp: the same calls as at the Ninja door, other views."""

from collections.abc import Sequence
from typing import Any, ClassVar

from benchmarks.stacks.ninja_totp import NinjaTotp

__all__ = ["stack"]


class DrfCompat(NinjaTotp):
    """drf_compat over the same tables."""

    applications: ClassVar[Sequence[str]] = ("rest_framework", "ninja_totp", "drf_compat")
    cases: ClassVar[Sequence[str]] = ("verify", "backup_code", "create", "confirm")

    def access_token(self, user: Any) -> str:
        """Return a bearer token by simplejwt."""
        from rest_framework_simplejwt.tokens import AccessToken

        return str(AccessToken.for_user(user))


stack = DrfCompat()
