"""As `drf_compat.backup_code_utils`, but storing codes enables a pending factor, as there."""

from django_totp.models import Totp
from drf_compat.backup_code_utils import rotate_backup_codes
from drf_compat.encryption import decrypt
from ninja_totp.importers.found import ImportedFactor
from ninja_totp.importers.writer import write

__all__ = ["rotate_backup_codes", "store_backup_codes"]


def store_backup_codes(user, codes):
    """Carry the user over, as `manage.py import_totp django_totp` does one who has codes."""
    secret = decrypt(Totp.objects.pending.pop(user.pk))
    write([ImportedFactor(user.pk, secret, backup_codes=tuple(codes))])
    return list(codes)
