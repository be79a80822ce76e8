"""Which users a rule would lock out, before it applies. Reads only."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef

from ninja_totp import clock
from ninja_totp.models import Exemption
from ninja_totp.services.operators.report import Audience, members_of_any
from ninja_totp.transactions import database


def would_be_shut_out(rule: tuple[str, ...] | Callable[[Any], bool]) -> Iterator[AbstractBaseUser]:
    """Yield the active users without 2FA and without an exemption that `rule` applies to.

    `rule` is a value of TOTP_REQUIRED: names of audiences, or a function, which is called for each
    user.
    """
    current = Exemption.objects.using(database()).filter(expires_epoch__gt=clock.now())
    named = rule if isinstance(rule, tuple) else ("all",)
    users = members_of_any(map(Audience.named, named)).filter(ninja_totp__confirmed_at=None)
    users = users.exclude(Exists(current.filter(user=OuterRef("pk"))))
    for user in users.order_by("pk").iterator(chunk_size=2000):
        if isinstance(rule, tuple) or rule(user):
            yield user
