"""What proves the second factor: authenticators and single-use backup codes."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from ninja_totp.core.otp import OtpParameters
from ninja_totp.models.account import Account

NAME_LENGTH = 64


class Authenticator(models.Model):
    """An authenticator of an account. Its codes are accepted after it is confirmed.

    Every write except of wrong codes also writes the account, with a new version.
    """

    class Type(models.TextChoices):
        """The type of the second factor, in lists and events."""

        TOTP = "totp", _("authenticator app")

    # Random, because it is in URLs: it must not reveal how many others there are.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="authenticators", verbose_name=_("account")
    )
    type = models.CharField(_("type"), max_length=16, choices=Type.choices, default=Type.TOTP)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    # A Fernet token that also contains the owner (core/encryption.py).
    secret = models.TextField(_("encrypted secret"), editable=False)
    key_id = models.CharField(_("encryption key"), max_length=8)
    digits = models.PositiveSmallIntegerField(default=6)
    period_seconds = models.PositiveSmallIntegerField(default=30)
    algorithm = models.CharField(max_length=8, default="SHA1")
    # Set for an imported authenticator with a wider window; None is TOTP_WINDOW.
    window = models.PositiveSmallIntegerField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)
    # Whether confirming this one removes the others.
    replaces = models.BooleanField(default=False)
    # Whether it replaced a pending one, whose QR code may have been scanned.
    supersedes = models.BooleanField(default=False)
    # When an unconfirmed one expires, and its wrong codes. They are counted here and not on the
    # account, and those of the credential that began it alone, so that an attacker cannot block the
    # owner from setting up 2FA.
    expires_epoch = models.BigIntegerField(default=0)
    begun_by = models.CharField(max_length=64, default="", editable=False)
    failures = models.PositiveSmallIntegerField(default=0)
    failures_of_others = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")

    def __str__(self) -> str:
        return f"Authenticator of user {self.account_id}"

    @property
    def parameters(self) -> OtpParameters:
        """The parameters of its codes."""
        return OtpParameters(self.digits, self.period_seconds, self.algorithm)

    def counter_of(self, credential: str) -> str:
        """Return the name of the column that counts the wrong codes of `credential`."""
        began_it = constant_time_compare(self.begun_by, credential)
        return "failures" if began_it else "failures_of_others"


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

    class Meta:
        verbose_name = _("backup code")
        verbose_name_plural = _("backup codes")

    def __str__(self) -> str:
        return f"Backup code of user {self.user_id}"
