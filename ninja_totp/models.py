"""The tables, and the conditional UPDATEs by which the database decides races.

No policy and no encryption live here: what a failure costs is `core/lockout.py`, what a column's
ciphertext holds is `core/encryption.py`, and when a row may change is `services/`. Deadlines and
lock-out clocks are whole seconds since the epoch (columns ending in `_epoch`); DateTimeFields
are for people to read.
"""

import hashlib
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ninja_totp import clock
from ninja_totp.core.lockout import Counters
from ninja_totp.core.otp import OtpParameters
from ninja_totp.fields import FernetTokenField
from ninja_totp.prepared import Given
from ninja_totp.statements import ONE_MORE, OneOf, update

__all__ = ["BackupCode", "Challenge", "Event", "Totp", "TrustedDevice", "password_fingerprint"]


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


def _codes_left() -> Coalesce:
    return _number_of(BackupCode.objects.filter(user=OuterRef("user_id"), used_at=None))


def _trusting_devices(password: str | Given, now: int | Given, latest: int | Given) -> Coalesce:
    devices = TrustedDevice.objects.alive(OuterRef("generation"), password, now=now, latest=latest)
    return _number_of(devices.filter(user=OuterRef("user_id")))


def _number_of(rows: models.QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("user").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)


class TotpQuerySet(models.QuerySet["Totp"]):
    """What is counted of a factor's user."""

    def with_counts(self, password: str | Given, *, now: int | Given, latest: int | Given) -> Self:
        """Add `codes_left` and `trusting_devices`; the parameters are those of `alive`."""
        return self.annotate(
            codes_left=_codes_left(), trusting_devices=_trusting_devices(password, now, latest)
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
        changes = {"version": self.version + 1, **changes}
        if update(Totp, using, {"user": self.pk, "version": self.version}, changes) != 1:
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True

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
    def claim(
        cls, user_id: Any, fingerprints: Collection[uuid.UUID], *, at: datetime, using: str
    ) -> bool:
        """Mark the user's unused code with one of `fingerprints` as used; True for one caller."""
        unused = {"user": user_id, "fingerprint": OneOf(fingerprints), "used_at": None}
        return update(BackupCode, using, unused, {"used_at": at}) == 1


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    """What is counted of a challenge's user."""

    def with_codes_left(self) -> Self:
        """Add `codes_left`, the number of the user's unused backup codes."""
        return self.annotate(codes_left=_codes_left())


class Challenge(models.Model):
    """A right password (or a recovery link) that waits for what must follow."""

    class Purpose(models.TextChoices):
        """What a challenge may be used for; one for one purpose never serves another."""

        LOGIN = "login", _("log in")
        BROWSER_LOGIN = "browser_login", _("log in with the browser that asked")
        RECOVERY = "recovery", _("recover")

    digest = models.CharField(primary_key=True, max_length=64, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ninja_totp_challenges",
        verbose_name=_("user"),
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices)
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
        seen = {"digest": self.pk, "attempts": self.attempts, "consumed_at": None}
        return update(Challenge, using, seen, {"attempts": ONE_MORE, **changes}) == 1


class TrustedDeviceQuerySet(models.QuerySet["TrustedDevice"]):
    """Which devices are trusted, and using the token of one once."""

    def alive(
        self,
        generation: Any,
        password: str | Given,
        *,
        now: int | Given,
        latest: int | Given,
    ) -> Self:
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


class EventQuerySet(models.QuerySet["Event"]):
    """Lines are written and, when they are old, deleted."""

    def update(self, **_: Any) -> int:
        """Raise TypeError: what happened does not change."""
        raise TypeError("Events are append-only.")


class Event(models.Model):
    """One line of a user's history. Append-only; never a code, a secret or a token."""

    class Type(models.TextChoices):
        """What happened (docs/reference/events.md)."""

        ENABLED = "enabled", _("second factor switched on")
        DISABLED = "disabled", _("second factor switched off")
        REPLACED = "replaced", _("authenticator replaced")
        BACKUP_CODES_ROTATED = "backup_codes_rotated", _("backup codes replaced")
        BACKUP_CODE_USED = "backup_code_used", _("backup code used")
        FAILED = "failed", _("wrong code")
        REPLAYED = "replayed", _("used code tried again")
        LOCKED = "locked", _("locked after wrong codes")
        RECOVERED = "recovered", _("recovered by mail")
        RESET = "reset", _("second factor removed by an operator")
        UNLOCKED = "unlocked", _("lock ended by an operator")
        DEVICE_TRUSTED = "device_trusted", _("device trusted")
        DEVICE_REVOKED = "device_revoked", _("trusted device removed")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ninja_totp_events",
        verbose_name=_("user"),
    )
    type = models.CharField(_("type"), max_length=32, choices=Type.choices)
    method = models.CharField(_("method"), max_length=16, blank=True, default="")
    door = models.CharField(_("door"), max_length=16, blank=True, default="")
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
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
