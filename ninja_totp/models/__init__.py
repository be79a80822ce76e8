"""The tables, and the conditional UPDATEs by which the database decides races.

No policy and no encryption live here: what a failure costs is `core/lockout.py`, what a column's
ciphertext holds is `core/encryption.py`, and when a row may change is `services/`. Deadlines and
lock-out clocks are whole seconds since the epoch (columns ending in `_epoch`); DateTimeFields
are for people to read.
"""

from ninja_totp.models.account import Account as Account, Exemption as Exemption
from ninja_totp.models.authenticator import (
    Authenticator as Authenticator,
    BackupCode as BackupCode,
)
from ninja_totp.models.challenge import Challenge as Challenge, TrustedDevice as TrustedDevice
from ninja_totp.models.event import Event as Event
