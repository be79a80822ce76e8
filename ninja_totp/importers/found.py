"""What a source holds of one user: a factor to carry over, or the reason why there is none.

Bounds are checked here, once for all sources. Where the rows come from stands in `sources/`, what
becomes of them in `writer.py`. No reason and no note quotes a secret or a code.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core import otp
from ninja_totp.core.backup_codes import stored_forms

# The bound of TOTP_WINDOW: with a wider one the guarantee on guessing would not hold.
LARGEST_WINDOW = 2
# A static token may be typed in by an operator; anything shorter is guessed, not known.
_SHORTEST_CODE = 6
# By so much the clocks of two sites may differ. A code of the future would be the last one for
# ever.
_CLOCK_SKEW_SECONDS = 600
_NOT_IN_A_SECRET = str.maketrans(string.ascii_lowercase, string.ascii_uppercase, " -=")


@dataclass(frozen=True, slots=True)
class ImportedFactor:
    """A confirmed authenticator and the unused backup codes, as the source knows them.

    `further` are the user's other authenticators, each without backup codes. `name` is what the
    user calls it, "" for nothing.
    `last_step` is the newest step whose code the source may have accepted, None when it does not
    remember; `window` is how many steps it tolerates. `lost_codes` are sentences on unused backup
    codes that cannot be carried over, `notes` on everything else that cannot.
    """

    user_pk: Any
    secret: str = field(repr=False)
    digits: int = 6
    period_seconds: int = 30
    algorithm: str = "SHA1"
    window: int = 1
    last_step: int | None = None
    name: str = ""
    confirmed_at: datetime | None = None
    last_used_at: datetime | None = None
    backup_codes: tuple[str, ...] = field(default=(), repr=False)
    lost_codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further: tuple["ImportedFactor", ...] = ()

    @property
    def authenticators(self) -> tuple["ImportedFactor", ...]:
        """All of the user's authenticators, this one first."""
        return (self, *self.further)


@dataclass(frozen=True, slots=True)
class Refused:
    """A user with a second factor that cannot be carried over, and why."""

    user_pk: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A user who began to enrol and never confirmed: without a second factor at the source too."""

    user_pk: Any


Found = ImportedFactor | Refused | Unfinished


def in_number(count: int, thing: str) -> str:
    """Return "1 backup code" or "3 backup codes"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def lost(count: int, why: str) -> tuple[str, ...]:
    """Return the sentence on `count` backup codes that are lost, none for 0."""
    return (f"{in_number(count, 'backup code')} {why}",) if count else ()


def lost_as_hashes(codes: Sequence[Any]) -> tuple[str, ...]:
    """Return the sentence on `codes`, of which the source has nothing but a hash."""
    return lost(len(codes), "stored as a hash alone")


def newest_step(used_at: datetime | None, *, window: int, period_seconds: int) -> int:
    """Return the newest step whose code a source may have accepted at `used_at`, 0 for None."""
    return int(used_at.timestamp()) // period_seconds + window if used_at is not None else 0


def checked(factor: ImportedFactor) -> ImportedFactor | Refused:
    """Return `factor` with what ninja_totp can keep of it, or Refused when it can keep nothing."""
    # JSON may hold anything where a text or a number was.
    secret: object = factor.secret
    if not isinstance(secret, str):
        return Refused(factor.user_pk, "its secret is no text")
    secret = secret.translate(_NOT_IN_A_SECRET)
    try:
        parameters = otp.OtpParameters(factor.digits, factor.period_seconds, factor.algorithm)
    except ValueError as error:
        return Refused(factor.user_pk, f"codes that ninja_totp does not make: {error}")
    if not _is_past_step(factor.last_step, parameters):
        return Refused(factor.user_pk, "the step of its last code is none, or in the future")
    try:
        otp.code_at_step(secret, 0, parameters)
    except ValueError:
        return Refused(factor.user_pk, _what_is_wrong_with(secret))
    return _without_unusable_codes(replace(factor, secret=secret))


def _is_past_step(step: object, parameters: otp.OtpParameters) -> bool:
    latest = (clock.now() + _CLOCK_SKEW_SECONDS) // parameters.period_seconds
    return step is None or (type(step) is int and 0 <= step <= latest)


def _what_is_wrong_with(secret: str) -> str:
    bits = len(secret) * 5 // 8 * 8
    return f"its secret is no base32 of at least 112 bits (it has {in_number(bits, 'bit')})"


def _without_unusable_codes(factor: ImportedFactor) -> ImportedFactor:
    usable = tuple(dict.fromkeys(filter(_can_be_typed, factor.backup_codes)))
    unusable = lost(len(factor.backup_codes) - len(usable), "shorter than 6 or not typeable")
    return replace(factor, backup_codes=usable, lost_codes=(*factor.lost_codes, *unusable))


def _can_be_typed(code: object) -> bool:
    return isinstance(code, str) and len(code) >= _SHORTEST_CODE and bool(stored_forms(code))


def all_of(devices: Sequence[tuple[str, ImportedFactor | Refused]]) -> ImportedFactor | Refused:
    """Return those of a user's labelled devices that can be carried over, with notes on the rest.

    As many as TOTP_MAX_AUTHENTICATORS allows; the source puts the likeliest one first. When none
    can be carried over, the first one's reason is given.
    """
    outcomes = [(label, _checked_device(device)) for label, device in devices]
    taken, notes = list[ImportedFactor](), list[str]()
    for label, outcome in outcomes:
        if isinstance(outcome, Refused):
            notes.append(f"{label}: {outcome.reason}")
        elif outcome.secret in [one.secret for one in taken]:
            notes.append(f"{label}: the same secret as another one")
        elif len(taken) == get_settings().max_authenticators:
            notes.append(f"{label}: a user can have {len(taken)} here (TOTP_MAX_AUTHENTICATORS)")
        else:
            taken.append(outcome)
    if not taken:
        return outcomes[0][1]
    notes = [*(note for one in taken for note in one.notes), *notes]
    return replace(taken[0], notes=tuple(notes), further=tuple(taken[1:]))


def _checked_device(device: ImportedFactor | Refused) -> ImportedFactor | Refused:
    return checked(device) if isinstance(device, ImportedFactor) else device
