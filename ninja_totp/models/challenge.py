"""What a first step stores or reads: challenges, recovery links among them, and trusted devices."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ninja_totp.transactions import ConcurrentUpdate, database


class Challenge(models.Model):
    """A right password (or a recovery link) that waits for what must follow."""

    class Purpose(models.TextChoices):
        """What a challenge may be used for; one for one purpose never serves another."""

        LOGIN = "login", _("log in")
        BROWSER_LOGIN = "browser_login", _("log in with the same browser")
        ENROLMENT = "enrolment", _("set up required two-factor authentication")
        BROWSER_ENROLMENT = "browser_enrolment", _("set it up with the same browser")
        RECOVERY = "recovery", _("recover the account")

    digest = models.CharField(primary_key=True, max_length=64, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ninja_totp_challenges",
        verbose_name=_("user"),
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    backend = models.CharField(_("authentication backend"), max_length=255, blank=True)
    password_fingerprint = models.CharField(max_length=32, editable=False)
    generation = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # What its attempts have cost the account, in the columns of the same names there.
    failures = models.PositiveSmallIntegerField(default=0)
    backup_failures = models.PositiveSmallIntegerField(default=0)
    expires_epoch = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    consumed_at = models.DateTimeField(_("consumed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    def __str__(self) -> str:
        return f"Challenge of user {self.user_id} ({self.purpose})"

    def attempt(self) -> None:
        """Count one attempt.

        Raises ConcurrentUpdate if the row was consumed or attempted since it was read.
        """
        seen = Challenge.objects.using(database()).filter(
            pk=self.pk, attempts=self.attempts, consumed_at=None
        )
        if seen.update(attempts=models.F("attempts") + 1) != 1:
            raise ConcurrentUpdate


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

    class Meta:
        verbose_name = _("trusted device")
        verbose_name_plural = _("trusted devices")

    def __str__(self) -> str:
        return f"Trusted device of user {self.user_id}"
