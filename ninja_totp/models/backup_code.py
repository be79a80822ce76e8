"""Single-use codes, found by a keyed fingerprint."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
    ciphertext = models.TextField(blank=True, default="", editable=False)
    key_id = models.CharField(_("encryption key"), max_length=8)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    objects: models.Manager["BackupCode"] = models.Manager()

    class Meta:
        verbose_name = _("backup code")
        verbose_name_plural = _("backup codes")

    def __str__(self) -> str:
        return f"Backup code of user {self.user_id}"
