"""What the demo guards: the same deed behind the Ninja API and behind REST framework."""

from django.contrib.auth.models import AbstractBaseUser

__all__ = ["MAX_AGE_SECONDS", "would_be_gone"]

MAX_AGE_SECONDS = 60


def would_be_gone(user: AbstractBaseUser) -> dict[str, str]:
    """Return the answer to whoever was let in. Nothing is deleted."""
    return {"detail": f"Everything of {user.get_username()} would be gone now."}
