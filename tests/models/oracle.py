"""What the hand-written SQL of a second step must do, said in Django's ORM."""

from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models import Authenticator, BackupCode, Challenge
from ninja_totp.models.second_step import Opened


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


def unused_codes(user):
    """Return what `second_step.unused_codes` returns."""
    codes = BackupCode.objects.filter(user=user, used_at=None)
    return set(codes.values_list("fingerprint", flat=True))
