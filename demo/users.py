"""The users of the demo: one decides about 2FA, one must have it, one works in the admin."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
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


def ensure_users() -> None:
    """Make the users that are missing, and give all of them the password that is printed."""
    for one in USERS:
        user, is_new = get_user_model().objects.get_or_create(
            username=one.name,
            defaults={
                "email": one.email,
                "is_staff": one.is_staff,
                "is_superuser": one.is_staff,
            },
        )
        if is_new or not user.check_password(PASSWORD):  # or changed by a recovery
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        if one.must_use_2fa:
            user.groups.add(Group.objects.get_or_create(name=GROUP)[0])
