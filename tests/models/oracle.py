"""What the hand-written SQL must do, said in Django's ORM."""

from django.db import transaction

from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models import Account, Authenticator, BackupCode, Challenge, Event
from ninja_totp.models.second_step import Opened
from ninja_totp.transactions import ConcurrentUpdate


def read(digest, purpose):
    """Return what `second_step.read` returns."""
    unused = Challenge.objects.filter(digest=digest, purpose=purpose, consumed_at=None)
    challenge = unused.select_related("user__ninja_totp").first()
    if challenge is None:
        return None
    confirmed = Authenticator.objects.filter(account=challenge.user.pk, confirmed_at__isnull=False)
    account = getattr(challenge.user, "ninja_totp", None)
    password = password_fingerprint(challenge.user.password)
    authenticators = list(confirmed.order_by("pk"))
    return Opened(challenge, challenge.user, password, account, authenticators)


def read_enrolment(user):
    """Return what `second_step.read_enrolment` returns."""
    pending = Authenticator.objects.filter(account=user.pk, confirmed_at=None)
    return Account.objects.filter(pk=user.pk).first(), pending.first()


def unused_codes(user):
    """Return what `second_step.unused_codes` returns."""
    codes = BackupCode.objects.filter(user=user, used_at=None)
    return set(codes.values_list("fingerprint", flat=True))


def write(changes, lines):
    """Do what `second_step.write` does."""
    with transaction.atomic():
        for change in changes:
            if change.model.objects.filter(**change.seen).update(**change.new) != 1:
                raise ConcurrentUpdate
        Event.objects.bulk_create(lines)


def replace_codes(user, rows):
    """Do what `second_step.replace_codes` does."""
    BackupCode.objects.filter(user=user).delete()
    BackupCode.objects.bulk_create(rows)
