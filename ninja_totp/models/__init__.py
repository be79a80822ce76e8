"""The tables, and the conditional UPDATEs by which the database decides races.

No policy and no encryption live here: what a failure costs is `core/lockout.py`, what a column's
ciphertext holds is `core/encryption.py`, and when a row may change is `services/`. Deadlines and
lock-out clocks are whole seconds since the epoch (columns ending in `_epoch`); DateTimeFields
are for people to read.
"""

from ninja_totp.models.backup_code import BackupCode
from ninja_totp.models.challenge import Challenge, ChallengeQuerySet
from ninja_totp.models.event import Event, EventQuerySet
from ninja_totp.models.exemption import Exemption
from ninja_totp.models.totp import (
    Totp,
    TotpQuerySet,
    counter_columns,
    first_generation,
    password_fingerprint,
)
from ninja_totp.models.trusted_device import TrustedDevice, TrustedDeviceQuerySet

__all__ = [
    "BackupCode",
    "Challenge",
    "ChallengeQuerySet",
    "Event",
    "EventQuerySet",
    "Exemption",
    "Totp",
    "TotpQuerySet",
    "TrustedDevice",
    "TrustedDeviceQuerySet",
    "counter_columns",
    "first_generation",
    "password_fingerprint",
]
