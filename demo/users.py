"""The users of the demo: one decides about 2FA, one must have it, one works in the admin."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

__all__ = ["GROUP", "PASSWORD", "USERS", "DemoUser", "ensure_users"]

PASSWORD = "demo-password-2fa"  # noqa: S105  printed on the page, for a local database alone
GROUP = "must-use-2fa"  # TOTP_REQUIRED names it


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user of the demo, and what there is to see as this user."""

    name: str
    purpose: str
    must_use_2fa: bool = False
    is_staff: bool = False

    @property
    def email(self) -> str:
        """Where mail for this user goes; it ends up in the outbox."""
        return f"{self.name}@example.com"


USERS = (
    DemoUser("demo", "can turn 2FA on"),
    DemoUser("member", "must use 2FA: the first sign-in sets it up", must_use_2fa=True),
    DemoUser("admin", "must use 2FA too, and may open the admin", is_staff=True),
)


@cache
def _hashed() -> str:
    return make_password(PASSWORD)  # half a second, in which a visitor waits


def ensure_users() -> None:
    """Make the users that are missing, and give all of them the password that is printed."""
    for one in USERS:
        is_staff = one.is_staff
        new: Any = {"email": one.email, "is_staff": is_staff, "is_superuser": is_staff}
        user, is_new = get_user_model().objects.get_or_create(
            username=one.name, defaults=new | {"password": _hashed}
        )
        if not is_new and not user.check_password(PASSWORD):  # changed by a recovery
            user.password = _hashed()
            user.save(update_fields=["password"])
        if one.must_use_2fa:
            user.groups.add(Group.objects.get_or_create(name=GROUP)[0])
