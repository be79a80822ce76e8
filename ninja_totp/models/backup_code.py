"""Single-use codes: the table, and the swap that uses one up."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ninja_totp.models.fields import FernetTokenField
from ninja_totp.statements import OneOf, Swap

__all__ = ["BackupCode"]


class BackupCode(models.Model):
    """One single-use code. It is found by its keyed fingerprint, whatever the number of codes.

    The fingerprint is the key: it is unique (it covers the owner) and saves an index. It is held
    as a UUID because that is 16 bytes and indexable on every database.
    """

    fingerprint = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ninja_totp_backup_codes",
        verbose_name=_("user"),
    )
    # Empty where TOTP_STORE_BACKUP_CODE_CIPHERTEXT is False (NIST SP 800-63B-4, 3.1.2.2).
    ciphertext = FernetTokenField(blank=True, default="", editable=False)
    # The only thing known of a code that was imported from a package which hashes its codes. The
    # fingerprint is that of the hash then, and `key_id` is empty: no key is needed to find it.
    legacy_hash = models.CharField(max_length=255, blank=True, default="", editable=False)
    key_id = models.CharField(_("encryption key"), max_length=8, blank=True, default="")
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    objects: models.Manager["BackupCode"] = models.Manager()

    class Meta:
        verbose_name = _("backup code")
        verbose_name_plural = _("backup codes")

    def __str__(self) -> str:
        return f"Backup code of user {self.user_id}"

    @classmethod
    def claimed(cls, user_id: Any, fingerprints: Collection[uuid.UUID], *, at: datetime) -> Swap:
        """Return the swap that uses up the user's unused code with one of `fingerprints`.

        It is won by one caller.
        """
        unused = {"user": user_id, "fingerprint": OneOf(fingerprints), "used_at": None}
        return Swap(cls, unused, {"used_at": at})
