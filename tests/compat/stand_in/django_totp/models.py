"""The rows of django-totp: a secret to a user, and its codes. Here they are other tables."""

from drf_compat.encryption import decrypt
from ninja_totp import models, services
from ninja_totp.conf import get_settings

MAX_BACKUP_CODES = 10


class _Totps:
    def __init__(self):
        self.pending = {}

    def create(self, *, user, secret_key):
        services.create_totp_setup(user)
        sealed = get_settings().key_ring.seal(decrypt(secret_key), owner=str(user.pk))
        models.Authenticator.objects.filter(account=user.pk).update(secret=sealed)
        self.pending[user.pk] = secret_key

    def filter(self, *, user):
        return models.Authenticator.objects.filter(account=user.pk)


class _Codes:
    def filter(self, *, totp__user):
        return models.BackupCode.objects.filter(user=totp__user)


class Totp:
    objects = _Totps()


class BackupCode:
    objects = _Codes()
