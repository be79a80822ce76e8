"""The history of a factor: lines are written and, when they are old, deleted."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ninja_totp.models.authenticator import NAME_LENGTH


class EventQuerySet(models.QuerySet["Event"]):
    """Lines are written and, when they are old, deleted."""

    def update(self, **_: Any) -> int:
        """Raise TypeError: what happened does not change."""
        raise TypeError("Events are append-only.")


class Event(models.Model):
    """One line of a user's history. Append-only; never a code, a secret or a token."""

    class Type(models.TextChoices):
        """What happened (docs/reference/events.md)."""

        ENABLED = "enabled", _("two-factor authentication turned on")
        DISABLED = "disabled", _("two-factor authentication turned off")
        REPLACED = "replaced", _("authenticator replaced")
        AUTHENTICATOR_ADDED = "authenticator_added", _("authenticator added")
        AUTHENTICATOR_RENAMED = "authenticator_renamed", _("authenticator renamed")
        AUTHENTICATOR_REMOVED = "authenticator_removed", _("authenticator removed")
        BACKUP_CODES_ROTATED = "backup_codes_rotated", _("backup codes replaced")
        BACKUP_CODE_USED = "backup_code_used", _("backup code used")
        FAILED = "failed", _("wrong code")
        REPLAYED = "replayed", _("used code entered again")
        PAIR_FAILED = "pair_failed", _("two wrong codes entered while locked")
        LOCKED = "locked", _("locked after too many wrong codes")
        RECOVERED = "recovered", _("recovered by email")
        RESET = "reset", _("two-factor authentication removed by staff")
        UNLOCKED = "unlocked", _("unlocked by staff")
        EXEMPTED = "exempted", _("exempted from two-factor authentication by staff")
        EXEMPTION_ENDED = "exemption_ended", _("exemption ended by staff")
        DEVICE_TRUSTED = "device_trusted", _("device trusted")
        DEVICE_REVOKED = "device_revoked", _("trusted device removed")
        DEVICE_REUSED = "device_reused", _("token of a trusted device used again")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ninja_totp_events",
        verbose_name=_("user"),
    )
    type = models.CharField(_("type"), max_length=32, choices=Type.choices)
    method = models.CharField(_("method"), max_length=16, blank=True, default="")
    # The kind and the name of the authenticator that the line is about, empty for none.
    factor = models.CharField(_("second factor"), max_length=16, blank=True, default="")
    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True, default="")
    door = models.CharField(_("API"), max_length=16, blank=True, default="")
    address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = (models.Index(fields=["user", "-id"], name="ninja_totp_event_user"),)

    def __str__(self) -> str:
        return f"{self.type} of user {self.user_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new line. Raises TypeError for one that is written: nothing is changed."""
        if not self._state.adding:
            raise TypeError("Events are append-only.")
        super().save(*args, **kwargs)
