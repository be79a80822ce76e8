"""One user's authenticator: the table, and the conditional UPDATEs that decide its races."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from ninja_totp import clock
from ninja_totp.core.lockout import Counters
from ninja_totp.core.otp import OtpParameters
from ninja_totp.models.counting import codes_left, trusting_devices
from ninja_totp.models.fields import FernetTokenField
from ninja_totp.prepared import Given
from ninja_totp.statements import Swap, update

__all__ = [
    "Totp",
    "TotpQuerySet",
    "counter_columns",
    "first_generation",
    "password_fingerprint",
]


def password_fingerprint(user: AbstractBaseUser) -> str:
    """Return what changes whenever the user's password does.

    A digest of the stored hash, not of the password: it tells a reader of the table nothing
    that the user table beside it does not say already.
    """
    return hashlib.sha256(user.password.encode()).hexdigest()[:32]


def first_generation() -> int:
    """Return the generation of a new row.

    Not 1: a row that was deleted and made again must not repeat a generation that an old token
    may still carry.
    """
    return clock.now()


class TotpQuerySet(models.QuerySet["Totp"]):
    """What is counted of a factor's user."""

    def with_counts(self, password: str | Given, *, now: int | Given, latest: int | Given) -> Self:
        """Add `codes_left` and `trusting_devices`; the parameters are those of `alive`."""
        return self.annotate(
            codes_left=codes_left(), trusting_devices=trusting_devices(password, now, latest)
        )


class Totp(models.Model):
    """One user's authenticator: sealed secret, replay memory, lock-out counters.

    The row outlives `disable`, so that neither the counters nor the generation can be reset by
    switching the factor off and on.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="ninja_totp",
        verbose_name=_("user"),
    )
    secret = FernetTokenField(_("sealed secret"), blank=True, default="")
    pending_secret = FernetTokenField(_("sealed pending secret"), blank=True, default="")
    pending_expires_epoch = models.BigIntegerField(default=0)
    key_id = models.CharField(_("encryption key"), max_length=8, blank=True, default="")
    digits = models.PositiveSmallIntegerField(default=6)
    period_seconds = models.PositiveSmallIntegerField(default=30)
    algorithm = models.CharField(max_length=8, default="SHA1")
    # Set for an imported factor that was more tolerant than the site; None is the site's window.
    window = models.PositiveSmallIntegerField(null=True, blank=True)
    # Some of the user's codes have a `legacy_hash`, so that it is worth looking for one.
    has_hashed_codes = models.BooleanField(default=False)

    last_step = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    generation = models.BigIntegerField(default=first_generation)

    failures = models.PositiveIntegerField(_("wrong codes in a row"), default=0)
    last_failure_epoch = models.BigIntegerField(default=0)
    budget_full_epoch = models.BigIntegerField(default=0)
    backup_failures = models.PositiveIntegerField(_("wrong backup codes in a row"), default=0)
    backup_last_failure_epoch = models.BigIntegerField(default=0)
    backup_budget_full_epoch = models.BigIntegerField(default=0)
    # When the factor was last taken away without a proof of it (by recovery): who logged in before
    # that moment has no say in a new one.
    reset_epoch = models.BigIntegerField(default=0)
    # When the user first logged in as somebody whom TOTP_REQUIRED wants to have a factor: the
    # beginning of their grace, which nothing gives anew.
    required_epoch = models.BigIntegerField(default=0)
    # The password under which the last failure was counted: a password reset ends the hard cap.
    failures_password = models.CharField(max_length=32, blank=True, default="")

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)

    objects = TotpQuerySet.as_manager()

    class Meta:
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")
        permissions = [
            ("reset_totp", "Can reset somebody's two-factor authentication"),
            ("unlock_totp", "Can unlock somebody's two-factor authentication"),
        ]

    if TYPE_CHECKING:  # annotations of some queries
        codes_left: int
        trusting_devices: int

    def __str__(self) -> str:
        return f"Authenticator of user {self.pk}"

    @property
    def is_enabled(self) -> bool:
        """Whether logging in needs a second factor."""
        return self.confirmed_at is not None

    @property
    def parameters(self) -> OtpParameters:
        """How this authenticator makes its codes."""
        return OtpParameters(self.digits, self.period_seconds, self.algorithm)

    def swap(self, changes: Mapping[str, Any], *, using: str) -> bool:
        """Compare and swap: write `changes` if nobody has written the row since it was read.

        A swap that was won shows in this object as well.
        """
        swap = self.swapped(changes)
        if update(swap, using) != 1:
            return False
        self.show(swap)
        return True

    def swapped(self, changes: Mapping[str, Any]) -> Swap:
        """Return the swap that writes `changes`, for `write_all`; `show` it when it was won."""
        # The row is as it was read or the swap is lost, so that what is the same need not be sent.
        new = {name: value for name, value in changes.items() if getattr(self, name) != value}
        seen = {"user": self.pk, "version": self.version}
        return Swap(Totp, seen, {"version": self.version + 1, **new})

    def show(self, swap: Swap) -> None:
        """Have this object show what a swap of it has written."""
        for name, value in swap.changes.items():
            setattr(self, name, value)

    def has_pending(self, *, now: int) -> bool:
        """Whether a secret waits for its confirmation."""
        return bool(self.pending_secret) and now < self.pending_expires_epoch

    def otp_counters(self, password: str) -> Counters:
        """What failed codes have cost; `password` is the fingerprint of the present password."""
        failures = self.failures if password == self.failures_password else 0
        return Counters(failures, self.last_failure_epoch, self.budget_full_epoch)

    def backup_counters(self, password: str) -> Counters:
        """What failed backup codes have cost: a budget of their own."""
        failures = self.backup_failures if password == self.failures_password else 0
        return Counters(failures, self.backup_last_failure_epoch, self.backup_budget_full_epoch)


def counter_columns(otp: Counters, backup: Counters, password: str) -> dict[str, Any]:
    """Return the columns of `Totp` that hold these counters."""
    return {
        "failures": otp.consecutive_failures,
        "last_failure_epoch": otp.last_failure_at,
        "budget_full_epoch": otp.budget_full_at,
        "backup_failures": backup.consecutive_failures,
        "backup_last_failure_epoch": backup.last_failure_at,
        "backup_budget_full_epoch": backup.budget_full_at,
        "failures_password": password,
    }
