"""Delete what has expired: unconfirmed secrets, challenges and trusted devices.

None of it can be used, whether it is deleted or not. Deleting keeps the tables small and leaves no
secrets behind. Counters, generations and the memory of used codes stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ninja_totp import clock
from ninja_totp.models import Authenticator, Challenge, TrustedDevice
from ninja_totp.transactions import database, retry_on_conflict

_DAY = 86_400


@dataclass(slots=True)
class Pruned:
    """How many rows were deleted."""

    pending_secrets: int = 0
    challenges: int = 0
    trusted_devices: int = 0


def prune_totp(
    *,
    older_than_seconds: int = _DAY,
    batch: int = 1000,
    on_progress: Callable[[Pruned], object] | None = None,
) -> Pruned:
    """Delete what expired at least `older_than_seconds` ago.

    Runs in transactions of at most `batch` rows, and calls `on_progress` after each of them. After
    an interruption, finished work stays.
    """
    so_far, report = Pruned(), on_progress or (lambda so_far: None)
    before = clock.now() - older_than_seconds
    kinds: dict[str, QuerySet[Any]] = {
        "pending_secrets": Authenticator.objects.filter(confirmed_at=None),
        "challenges": Challenge.objects.all(),
        "trusted_devices": TrustedDevice.objects.all(),
    }
    for name, rows in kinds.items():
        expired = rows.using(database()).filter(expires_epoch__lt=before)
        while deleted := _delete_some(expired, batch):
            setattr(so_far, name, getattr(so_far, name) + deleted)
            report(so_far)
    return so_far


@retry_on_conflict
def _delete_some(rows: QuerySet[Any], most: int) -> int:
    # Checked again in the DELETE: it may have been confirmed since the keys were read.
    return rows.filter(pk__in=_keys(rows, most)).delete()[0]


def _keys(rows: QuerySet[Any], most: int) -> list[Any]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])
