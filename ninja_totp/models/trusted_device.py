"""Devices that are not asked for a code: the table, and the UPDATE that uses a token once."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TrustedDeviceQuerySet(models.QuerySet["TrustedDevice"]):
    """Which devices are trusted, and using the token of one once."""

    def valid(self, generation: int, password: str, *, now: int, latest: int) -> Self:
        """Leave out what a changed factor, a new password or time has ended.

        `password` is the fingerprint of the present one, `now` and `latest` are epoch seconds.
        What would live on after `latest` was trusted under another rule, or before the clock was
        set back.
        """
        return self.filter(
            generation=generation,
            password_fingerprint=password,
            expires_epoch__gt=now,
            expires_epoch__lte=latest,
        )

    def rotate(self, old: str, new: str, *, at: datetime) -> bool:
        """Put the digest `new` in the place of `old`; True for one caller."""
        return self.filter(digest=old).update(digest=new, last_used_at=at) == 1


class TrustedDevice(models.Model):
    """A device on which the user asked not to be asked again. Its token is kept as a digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ninja_totp_trusted_devices",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    password_fingerprint = models.CharField(max_length=32, editable=False)
    generation = models.BigIntegerField()
    expires_epoch = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = TrustedDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("trusted device")
        verbose_name_plural = _("trusted devices")

    def __str__(self) -> str:
        return f"Trusted device of user {self.user_id}"
