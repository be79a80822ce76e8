"""One row for each user: the account (counters, generation, times), and an exemption from 2FA."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from ninja_totp import clock
from ninja_totp.transactions import ConcurrentUpdate, database


def first_generation() -> int:
    """Return the generation of a new row.

    Not 1: a row that was deleted and created again must not repeat the generation of an old token.
    """
    return clock.now()


class Account(models.Model):
    """The lockout counters, generation and times of a user. Authenticators have their own rows.

    The row stays after `disable`, so turning 2FA off and on resets neither the counters nor the
    generation.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="ninja_totp",
        verbose_name=_("user"),
    )
    # Increased by every write that must not collide with another one. Counting pairs and failures
    # of a pending authenticator does not need it.
    version = models.BigIntegerField(default=0)
    # Increased by every change of the second factor, which ends older proofs and challenges.
    generation = models.BigIntegerField(default=first_generation)

    failures = models.PositiveIntegerField(_("wrong codes in a row"), default=0)
    last_failure_epoch = models.BigIntegerField(default=0)
    budget_full_epoch = models.BigIntegerField(default=0)
    backup_failures = models.PositiveIntegerField(_("wrong backup codes in a row"), default=0)
    backup_last_failure_epoch = models.BigIntegerField(default=0)
    backup_budget_full_epoch = models.BigIntegerField(default=0)
    # The password under which the last failure was counted: a new password ends the hard cap.
    failures_password = models.CharField(max_length=32, blank=True, default="")
    # The sealed hash of the password that challenges and devices are bound to. It distinguishes a
    # new hash of the same password from a new password (services/recovery/known_password.py).
    known_password = models.TextField(blank=True, default="", editable=False)
    # Pairs of codes tried during locks on one day (days since 1970, in UTC), and the time of the
    # last event about a wrong one.
    pairs = models.PositiveIntegerField(default=0)
    pairs_day = models.PositiveIntegerField(default=0)
    pair_failed_epoch = models.BigIntegerField(default=0)
    # When the second factor was last removed by recovery or by an operator. A login from before
    # then may not set up the next one.
    reset_epoch = models.BigIntegerField(default=0)
    # When the current second factor was confirmed, 0 without one. It ends earlier logins with the
    # password alone.
    confirmed_epoch = models.BigIntegerField(default=0)
    # When TOTP_REQUIRED first applied at a login of the user: the start of the grace period.
    required_epoch = models.BigIntegerField(default=0)

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = [
            ("reset_totp", "Can reset a user's two-factor authentication"),
            ("unlock_totp", "Can unlock a user's two-factor authentication"),
        ]

    def __str__(self) -> str:
        return f"Account of user {self.pk}"

    @classmethod
    def of(cls, user: AbstractBaseUser) -> "Account | None":
        """Return the user's row from the database for writing, or None."""
        return cls.objects.using(database()).filter(pk=user.pk).first()

    @classmethod
    def new(cls, user: AbstractBaseUser) -> "Account":
        """Create the user's row. Raises ConcurrentUpdate if there is one.

        The caller holds a transaction, which that rolls back.
        """
        try:
            return cls.objects.using(database()).create(user_id=user.pk, version=1)
        except IntegrityError:
            raise ConcurrentUpdate from None

    @property
    def is_enabled(self) -> bool:
        """Whether a login needs the second factor."""
        return self.confirmed_at is not None

    def claim_pair(self, *, day: int, most: int, cost: int = 1) -> bool:
        """Count a pair of codes before it is checked. False if `most` were tried that day.

        It counts `cost` times, once for each authenticator. It does not change the version: a flood
        of pairs must not conflict with the owner's writes.
        """
        # Never an earlier day: two servers at midnight must not reset the count twice.
        room = Q(pairs__lte=most - cost) | Q(pairs_day__lt=day)
        one_more = Case(When(pairs_day__gte=day, then=F("pairs") + cost), default=cost)
        later = Case(When(pairs_day__gt=day, then=F("pairs_day")), default=day)
        account = Account.objects.using(database()).filter(room, pk=self.pk)
        return account.update(pairs=one_more, pairs_day=later) == 1

    def write(self, **changes: Any) -> None:
        """Write `changes` and a new version. Raises ConcurrentUpdate if the row has changed.

        A change of an authenticator or of backup codes writes this row first, in the same
        transaction. So all lock in one order, and one of two changes at once conflicts.
        """
        seen = Account.objects.using(database()).filter(pk=self.pk, version=self.version)
        if seen.update(version=self.version + 1, **changes) != 1:
            raise ConcurrentUpdate
        for name, value in {"version": self.version + 1, **changes}.items():
            setattr(self, name, value)


class Exemption(models.Model):
    """Until when a user is exempted from TOTP_REQUIRED, and why."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="ninja_totp_exemption",
        verbose_name=_("user"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    expires_epoch = models.BigIntegerField()
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")

    def __str__(self) -> str:
        return f"Exemption of user {self.pk}"
