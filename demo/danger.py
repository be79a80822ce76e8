"""What the demo guards: the same action behind the Ninja API and the REST framework API."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

__all__ = ["MAX_AGE_SECONDS", "would_be_gone"]

MAX_AGE_SECONDS: int = getattr(settings, "DANGER_MAX_AGE_SECONDS", 60)


def would_be_gone(user: AbstractBaseUser) -> dict[str, str]:
    """Return the answer to a caller with a recent code. Nothing is deleted."""
    return {"detail": f"Everything of {user.get_username()} would be deleted now."}
