"""The users of a benchmark: enrolled ones and as many fresh ones, in order of their keys."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

__all__ = ["PASSWORD", "create_users", "enrolled", "fresh"]

PASSWORD = "correct horse battery staple"


def create_users(count: int) -> None:
    """Create `count` users to be enrolled and `count` fresh ones. All have PASSWORD."""
    model: Any = get_user_model()
    hashed = make_password(PASSWORD)
    for kind in ("enrolled", "fresh"):
        model.objects.bulk_create(
            model(username=f"{kind}{number}", email=f"{kind}{number}@example.com", password=hashed)
            for number in range(count)
        )


def _named(kind: str, count: int | None) -> list[Any]:
    model: Any = get_user_model()
    users = list(model.objects.filter(username__startswith=kind).order_by("pk")[:count])
    if count is not None and len(users) < count:
        raise ValueError(f"Only {len(users)} users were seeded; {count} are needed.")
    return users


def enrolled(count: int | None = None) -> list[Any]:
    """Return the first `count` users who have a second factor, or all of them."""
    return _named("enrolled", count)


def fresh(count: int | None = None) -> list[Any]:
    """Return the first `count` users who have none, or all of them."""
    return _named("fresh", count)
