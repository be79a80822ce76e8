"""Who would be shut out by a rule, before it is one. Reads only."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef

from ninja_totp import clock
from ninja_totp.models import Exemption
from ninja_totp.services.operators.report import Audience, members_of_any
from ninja_totp.transactions import database


def would_be_shut_out(
    whom: tuple[str, ...] | Callable[[Any], bool],
) -> Iterator[AbstractBaseUser]:
    """Yield the active users who have no factor, whom `whom` means and nobody has exempted.

    `whom` is what TOTP_REQUIRED takes: names of audiences, or a function, which is asked about one
    user after the other.
    """
    alive = Exemption.objects.using(database()).filter(expires_epoch__gt=clock.now())
    named = whom if isinstance(whom, tuple) else ("all",)
    users = members_of_any(map(Audience.named, named)).filter(ninja_totp__confirmed_at=None)
    users = users.exclude(Exists(alive.filter(user=OuterRef("pk"))))
    for user in users.order_by("pk").iterator(chunk_size=2000):
        if isinstance(whom, tuple) or whom(user):
            yield user
