"""A user's second factor as a whole: what was counted, and from when on what holds."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from ninja_totp import clock
from ninja_totp.transactions import ConcurrentUpdate, database


def first_generation() -> int:
    """Return the generation of a new row.

    Not 1: a row that was deleted and made again must not repeat a generation that an old token
    may still carry.
    """
    return clock.now()


class Account(models.Model):
    """One user's lock-out counters, generation and moments. The authenticators are their own rows.

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
    # Raised by every write that must not cross another one. Counting pairs, and the failures of a
    # pending authenticator, does without.
    version = models.BigIntegerField(default=0)
    # Raised whenever the factor changes: what was proved or opened under an older one has ended.
    generation = models.BigIntegerField(default=first_generation)

    failures = models.PositiveIntegerField(_("wrong codes in a row"), default=0)
    last_failure_epoch = models.BigIntegerField(default=0)
    budget_full_epoch = models.BigIntegerField(default=0)
    backup_failures = models.PositiveIntegerField(_("wrong backup codes in a row"), default=0)
    backup_last_failure_epoch = models.BigIntegerField(default=0)
    backup_budget_full_epoch = models.BigIntegerField(default=0)
    # The password under which the last failure was counted: a new password ends the hard cap.
    failures_password = models.CharField(max_length=32, blank=True, default="")
    # The hash of the password that challenges and devices are bound to, sealed: a new hash of the
    # same password is told from a new password by it (services/recovery/known_password.py).
    known_password = models.TextField(blank=True, default="", editable=False)
    # Pairs of codes that were tried while codes were locked, on one day (since 1970, in UTC), and
    # when the history was last told of a wrong one.
    pairs = models.PositiveIntegerField(default=0)
    pairs_day = models.PositiveIntegerField(default=0)
    pair_failed_epoch = models.BigIntegerField(default=0)
    # When the factor was last removed without a proof of it (by recovery, by an operator): a login
    # from before that moment may not set up the next one.
    reset_epoch = models.BigIntegerField(default=0)
    # When the present factor was confirmed, 0 without one: what a password alone opened before that
    # moment has ended.
    confirmed_epoch = models.BigIntegerField(default=0)
    # When TOTP_REQUIRED first applied at a login of the user: the beginning of the grace.
    required_epoch = models.BigIntegerField(default=0)

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)

    objects: models.Manager["Account"] = models.Manager()

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
        """Return the user's row from the database that decides, or None."""
        return cls.objects.using(database()).filter(pk=user.pk).first()

    @classmethod
    def new(cls, user: AbstractBaseUser) -> "Account":
        """Make the user's row, unless there is one; then the first `write` conflicts.

        The caller holds a transaction, which the `write` belongs to.
        """
        account = cls(user_id=user.pk)
        cls.objects.using(database()).bulk_create([account], ignore_conflicts=True)
        return account

    @property
    def is_enabled(self) -> bool:
        """Whether logging in needs a second factor."""
        return self.confirmed_at is not None

    def claim_pair(self, *, day: int, most: int, cost: int = 1) -> bool:
        """Count a pair of codes before it is looked at; False when `most` were tried that day.

        It counts `cost` times, once for each authenticator. By itself, without the version: a flood
        of pairs must not make the owner's writes conflict.
        """
        # Not before: of two servers at midnight, the later clock's day must not begin again.
        room = Q(pairs__lte=most - cost) | Q(pairs_day__lt=day)
        one_more = Case(When(pairs_day__gte=day, then=F("pairs") + cost), default=cost)
        later = Case(When(pairs_day__gt=day, then=F("pairs_day")), default=day)
        account = Account.objects.using(database()).filter(room, pk=self.pk)
        return account.update(pairs=one_more, pairs_day=later) == 1

    def write(self, **changes: Any) -> None:
        """Write `changes` and a new version. Raises ConcurrentUpdate if the row is newer than this.

        Whoever changes an authenticator or backup codes writes this row first, in the same
        transaction: so all lock in one order, and one of two changes at once is lost.
        """
        seen = Account.objects.using(database()).filter(pk=self.pk, version=self.version)
        if seen.update(version=self.version + 1, **changes) != 1:
            raise ConcurrentUpdate
        for name, value in {"version": self.version + 1, **changes}.items():
            setattr(self, name, value)
