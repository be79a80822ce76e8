"""An app that makes codes: its sealed secret, and the newest step that was used."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from ninja_totp.core.otp import OtpParameters
from ninja_totp.models.account import Account

NAME_LENGTH = 64


class Authenticator(models.Model):
    """One of an account's authenticators. It counts for nothing until it is confirmed.

    Every write but that of `failures` writes the account as well, whose version shows it.
    """

    class Type(models.TextChoices):
        """The kind of the factor, as it stands in lists and events."""

        TOTP = "totp", _("authenticator app")

    # Random, because it stands in addresses: nobody learns from one how many others there are.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        Account,
        on_delete=models.CASCADE,
        related_name="authenticators",
        verbose_name=_("account"),
    )
    type = models.CharField(_("type"), max_length=16, choices=Type.choices, default=Type.TOTP)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    # A Fernet token that holds the owner as well (core/encryption.py).
    secret = models.TextField(_("encrypted secret"), editable=False)
    key_id = models.CharField(_("encryption key"), max_length=8)
    digits = models.PositiveSmallIntegerField(default=6)
    period_seconds = models.PositiveSmallIntegerField(default=30)
    algorithm = models.CharField(max_length=8, default="SHA1")
    # Set for an imported authenticator that was more tolerant than the site; None is TOTP_WINDOW.
    window = models.PositiveSmallIntegerField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)
    # Whether the confirmation of this one removes the others.
    replaces = models.BooleanField(default=False)
    # Whether an earlier one, whose QR code may have been scanned, waited when this one was made.
    supersedes = models.BooleanField(default=False)
    # Until when an unconfirmed one can be confirmed, and how often that has failed. That is counted
    # here and not on the account, so that nobody can keep the owner from enrolling.
    expires_epoch = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects: models.Manager["Authenticator"] = models.Manager()

    class Meta:
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")

    def __str__(self) -> str:
        return f"Authenticator of user {self.account_id}"

    @property
    def parameters(self) -> OtpParameters:
        """How this authenticator makes its codes."""
        return OtpParameters(self.digits, self.period_seconds, self.algorithm)
