"""What is counted of a user's rows, as a column of another query."""

from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from ninja_totp.models.backup_code import BackupCode
from ninja_totp.models.trusted_device import TrustedDevice
from ninja_totp.prepared import Given

__all__ = ["codes_left", "trusting_devices"]


def codes_left() -> Coalesce:
    return _number_of(BackupCode.objects.filter(user=OuterRef("user_id"), used_at=None))


def trusting_devices(password: str | Given, now: int | Given, latest: int | Given) -> Coalesce:
    devices = TrustedDevice.objects.alive(OuterRef("generation"), password, now=now, latest=latest)
    return _number_of(devices.filter(user=OuterRef("user_id")))


def _number_of(rows: models.QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("user").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)
