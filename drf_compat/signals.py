"""The documented signals; they are those of ninja_totp, which has more."""

from ninja_totp.signals import (
    backup_codes_rotated,
    non_totp_login_succeeded,
    totp_created,
    totp_disabled,
    totp_login_succeeded,
    totp_recovery_succeeded,
)

__all__ = [
    "backup_codes_rotated",
    "non_totp_login_succeeded",
    "totp_created",
    "totp_disabled",
    "totp_login_succeeded",
    "totp_recovery_succeeded",
]
