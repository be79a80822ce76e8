"""What a user typed to prove the second factor, and whether it is right for a row as read.

Judging writes nothing. Whether a backup code is right shows when it is claimed, which is a part of
what an accepted attempt writes. What the attempt costs or brings is decided in `verification.py`.
"""

import logging
import uuid
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core import otp
from ninja_totp.core.backup_codes import stored_forms
from ninja_totp.core.encryption import SealBroken
from ninja_totp.core.errors import Unavailable
from ninja_totp.models import BackupCode, Challenge, Totp
from ninja_totp.statements import Swap

__all__ = [
    "Ground",
    "Judgement",
    "Method",
    "Proof",
    "Verdict",
    "clock_skew",
    "judge",
    "open_secret",
]

logger = logging.getLogger("ninja_totp")

Method = Literal["otp", "backup_code"]


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """Exactly one of: a code, two consecutive codes, a backup code, a pending secret's code."""

    otp_code: str | None = None
    otp_codes: tuple[str, str] | None = None
    backup_code: str | None = None
    enrolment_code: str | None = None

    def __repr__(self) -> str:
        return f"Proof({self.method})"

    @property
    def method(self) -> Method:
        """Which set of failure counters the proof answers to."""
        return "otp" if self.backup_code is None else "backup_code"


@dataclass(frozen=True, slots=True)
class Ground:
    """The rows that an attempt is judged on, as they were read.

    `hashed_code` is the backup code that the proof turned out to be by its hash alone.
    """

    totp: Totp
    user: AbstractBaseUser
    challenge: Challenge | None = None
    hashed_code: uuid.UUID | None = None


class Verdict(Enum):
    """What an attempt turned out to be."""

    RIGHT = "right"
    WRONG = "wrong"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the newest step that is used up once it is recorded.

    With a `claim` it is right only if that finds its row, the backup code.
    """

    verdict: Verdict
    last_step: int
    claim: Swap | None = None


def open_secret(sealed: str, user_pk: Any) -> str:
    """Return the secret in `sealed`; Unavailable when no key opens it for this user.

    A secret that cannot be opened refuses everybody (fail closed). It is the operator's fault,
    or an attack on the table, so the error is not the user's.
    """
    try:
        return get_settings().key_ring.open(sealed, owner=str(user_pk))
    except SealBroken:
        logger.error("No key of TOTP_ENCRYPTION_KEY opens the secret of user %s.", user_pk)
        raise Unavailable from None


def judge(ground: Ground, proof: Proof) -> Judgement:
    """Return whether `proof` is right for `ground`.

    Raises Unavailable if no key opens the secret.
    """
    if proof.backup_code is not None:
        return _judge_backup_code(ground, proof.backup_code)
    if proof.enrolment_code is not None:
        return _judge_pending(ground.totp, proof.enrolment_code)
    return _judge_live(ground.totp, proof)


def _judge_pending(totp: Totp, code: str) -> Judgement:
    settings = get_settings()
    step = otp.matching_step(
        open_secret(totp.pending_secret, totp.pk),
        code,
        at=clock.now(),
        window=settings.window,
        parameters=settings.parameters,
    )
    # A new secret has no used steps; the step that confirms it is the first (RFC 6238, 5.2).
    if step is None:
        return Judgement(Verdict.WRONG, totp.last_step)
    return Judgement(Verdict.RIGHT, step)


def _judge_live(totp: Totp, proof: Proof) -> Judgement:
    step = _matching_step(totp, proof)
    oldest = step - 1 if step is not None and proof.otp_codes is not None else step
    if step is None or oldest is None:
        return Judgement(Verdict.WRONG, totp.last_step)
    if oldest <= totp.last_step:
        return Judgement(Verdict.REPLAYED, totp.last_step)
    return Judgement(Verdict.RIGHT, step)


def _matching_step(totp: Totp, proof: Proof) -> int | None:
    secret = open_secret(totp.secret, totp.pk)
    window = get_settings().window if totp.window is None else totp.window
    at, parameters = clock.now(), totp.parameters
    if proof.otp_codes is not None:
        first, second = proof.otp_codes
        return otp.matching_pair(secret, first, second, at=at, window=window, parameters=parameters)
    code = proof.otp_code or ""
    return otp.matching_step(secret, code, at=at, window=window, parameters=parameters)


def _judge_backup_code(ground: Ground, text: str) -> Judgement:
    owner, ring = str(ground.totp.pk), get_settings().key_ring
    fingerprints = [
        fingerprint
        for form in stored_forms(text)
        for fingerprint in ring.fingerprints(form, owner=owner)
    ]
    if ground.hashed_code is not None:
        fingerprints.append(ground.hashed_code)
    if not fingerprints:
        return Judgement(Verdict.WRONG, ground.totp.last_step)
    claim = BackupCode.claimed(ground.totp.pk, fingerprints, at=timezone.now())
    return Judgement(Verdict.RIGHT, ground.totp.last_step, claim)


def clock_skew(totp: Totp, code: str) -> int | None:
    """Return by how many seconds the device's clock is off, if that is why `code` failed.

    For the pending secret only, whose owner is the caller: it helps and gives nothing away.
    """
    settings = get_settings()
    return otp.clock_skew_seconds(
        open_secret(totp.pending_secret, totp.pk),
        code,
        at=clock.now(),
        window=settings.window,
        parameters=settings.parameters,
    )
