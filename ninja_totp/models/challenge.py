"""Passwords that wait for a second factor: the table, and the UPDATE that charges an attempt."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ninja_totp.models.counting import codes_left
from ninja_totp.statements import ONE_MORE, Swap, update

__all__ = ["Challenge", "ChallengeQuerySet"]


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    """What is counted of a challenge's user."""

    def with_codes_left(self) -> Self:
        """Add `codes_left`, the number of the user's unused backup codes."""
        return self.annotate(codes_left=codes_left())


class Challenge(models.Model):
    """A right password (or a recovery link) that waits for what must follow."""

    class Purpose(models.TextChoices):
        """What a challenge may be used for; one for one purpose never serves another."""

        LOGIN = "login", _("log in")
        BROWSER_LOGIN = "browser_login", _("log in with the browser that asked")
        ENROLMENT = "enrolment", _("set up a required second factor")
        BROWSER_ENROLMENT = "browser_enrolment", _("set one up with the browser that asked")
        RECOVERY = "recovery", _("recover")

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
    # Those of the attempts that were charged to the account, in the columns of the same names.
    failures = models.PositiveSmallIntegerField(default=0)
    backup_failures = models.PositiveSmallIntegerField(default=0)
    expires_epoch = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    consumed_at = models.DateTimeField(_("consumed at"), null=True, blank=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    if TYPE_CHECKING:  # an annotation of some queries
        codes_left: int

    def __str__(self) -> str:
        return f"Challenge of user {self.user_id} ({self.purpose})"

    def charge(self, changes: Mapping[str, Any], *, using: str) -> bool:
        """Count one attempt, and write what came of it.

        True for one caller: it changes the row only as it was read and still unconsumed.
        """
        return update(self.charged(changes), using) == 1

    def charged(self, changes: Mapping[str, Any]) -> Swap:
        """Return the swap that does the same, for `write_all`."""
        seen = {"digest": self.pk, "attempts": self.attempts, "consumed_at": None}
        return Swap(Challenge, seen, {"attempts": ONE_MORE, **changes})
