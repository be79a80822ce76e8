"""What an attempt at the second factor costs or brings.

Every door and every use case that tests a code comes through `attempt`, so that there is one
replay memory and one set of counters. Nothing here knows why the proof was asked for.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import lockout
from ninja_totp.core.errors import InvalidCode, Locked, NotEnabled
from ninja_totp.core.lockout import Counters, Lock
from ninja_totp.models import Event, Totp, counter_columns, password_fingerprint
from ninja_totp.prepared import Given, Prepared
from ninja_totp.services.events import record
from ninja_totp.services.hashed_codes import matching_hashed_code
from ninja_totp.services.proof import Ground, Judgement, Method, Proof, Verdict, judge
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.statements import ONE_MORE

__all__ = ["attempt", "enabled_ground", "factor_of", "lock_on"]

# The column of a challenge in which the failures of a method are counted.
_FAILED: Mapping[Method, str] = {"otp": "failures", "backup_code": "backup_failures"}


_FACTOR = Prepared(lambda: Totp.objects.filter(user=Given(Totp, "user")))


def factor_of(user: AbstractBaseUser) -> Totp | None:
    """Return the user's row from the database that decides, or None."""
    return _FACTOR.first(database(), user=user.pk)


def enabled_ground(user: AbstractBaseUser) -> Ground:
    """Return the ground for judging the user's live factor; NotEnabled when there is none."""
    totp = factor_of(user)
    if totp is None or not totp.is_enabled:
        raise NotEnabled
    return Ground(totp, user)


@sensitive_variables()
def attempt(
    read: Callable[[], Ground],
    proof: Proof,
    *,
    changes: Callable[[Ground], dict[str, Any]] = lambda ground: {},
    alongside: Callable[[Ground], object] = lambda ground: None,
    request: HttpRequest | None = None,
) -> Ground:
    """Judge `proof` on what `read` returns and record the outcome before it can leave.

    A right proof writes `changes` in the same swap as its step and runs `alongside` in the same
    transaction. Returns the ground as it was written. Raises Locked (nothing was looked at,
    nothing is charged), InvalidCode for a wrong and for a replayed code alike, Unavailable, and
    whatever `read` raises.
    """
    recognised = _recogniser(proof)

    def once() -> tuple[Ground, Verdict, Lock | None]:
        ground = read()
        lock = lock_on(ground, proof.method)
        if lock is not None and not _may_unlock(ground, proof):
            raise Locked(lock.retry_after(clock.now()))
        ground = replace(ground, hashed_code=recognised(ground.totp))
        with transaction.atomic(using=database()):
            judgement = judge(ground, proof)
            if judgement.verdict is Verdict.RIGHT:
                alongside(ground)
                columns = _columns_of_success(ground, judgement) | changes(ground)
                _record(ground, columns, {"consumed_at": timezone.now()})
            else:
                _record_failure(ground, proof, is_locked=lock is not None)
            types = _history(judgement.verdict, ground, proof, lock)
            record(ground.user, *types, method=proof.method, request=request)
        return ground, judgement.verdict, lock

    ground, verdict, earlier_lock = until_swapped(once)
    _announce(verdict, ground, proof, request)
    if earlier_lock is None and lock_on(ground, proof.method) is not None:
        signals.announce(signals.totp_locked, user=ground.user, request=request)
    if verdict is not Verdict.RIGHT:
        raise InvalidCode
    return ground


def _recogniser(proof: Proof) -> Callable[[Totp], uuid.UUID | None]:
    # Once for all rounds and before the transaction: a password hasher takes its time.
    @cache
    def recognised(totp: Totp) -> uuid.UUID | None:
        if proof.backup_code is None or not totp.has_hashed_codes:
            return None
        return matching_hashed_code(totp.pk, proof.backup_code)

    return recognised


def lock_on(ground: Ground, method: Method) -> Lock | None:
    """Return the lock that keeps `method` from being tried now, or None."""
    password = password_fingerprint(ground.user)
    totp = ground.totp
    counters = totp.otp_counters(password) if method == "otp" else totp.backup_counters(password)
    return lockout.lock_of(counters, get_settings().lockout, now=clock.now())


def _may_unlock(ground: Ground, proof: Proof) -> bool:
    # RFC 4226, 7.4: whoever gives two consecutive codes holds the authenticator. A lock-out that
    # the owner can end at once is no denial of service. Only in a login: without a challenge to
    # charge, pairs could be guessed for nothing.
    is_pair = proof.otp_codes is not None and ground.challenge is not None
    return is_pair and get_settings().two_code_unlock


def _record_failure(ground: Ground, proof: Proof, *, is_locked: bool) -> None:
    if is_locked:
        # A wrong pair costs its challenge alone, so that guessing pairs (one in 3e11) cannot keep
        # the owner out. It leaves the factor's row untouched, lest a flood of them makes every
        # attempt of the owner lose its swap.
        _charge(ground, {})
    else:
        failed = _FAILED[proof.method]
        _record(ground, _columns_of_failure(ground, proof), {failed: ONE_MORE})


def _columns_of_failure(ground: Ground, proof: Proof) -> dict[str, Any]:
    def after(counters: Counters, method: Method) -> Counters:
        if method != proof.method:
            return counters
        return lockout.after_failure(counters, get_settings().lockout, now=clock.now())

    return _counter_columns(ground, after)


def _columns_of_success(ground: Ground, judgement: Judgement) -> dict[str, Any]:
    # Only the failures of this very login are given back, each to the budget that it was charged
    # to: with a full refund an attacker's guesses would be forgotten at each of the real user's
    # logins.
    def after(counters: Counters, method: Method) -> Counters:
        refund = getattr(ground.challenge, _FAILED[method]) if ground.challenge else 0
        return lockout.after_success(
            counters, get_settings().lockout, now=clock.now(), refund=refund
        )

    used = {"last_step": judgement.last_step, "last_used_at": timezone.now()}
    return used | _counter_columns(ground, after)


def _counter_columns(
    ground: Ground, after: Callable[[Counters, Method], Counters]
) -> dict[str, Any]:
    password = password_fingerprint(ground.user)
    return counter_columns(
        after(ground.totp.otp_counters(password), "otp"),
        after(ground.totp.backup_counters(password), "backup_code"),
        password,
    )


def _record(ground: Ground, columns: dict[str, Any], challenge_columns: dict[str, Any]) -> None:
    if not ground.totp.swap(columns, using=database()):
        raise LostSwap
    _charge(ground, challenge_columns)


def _charge(ground: Ground, columns: dict[str, Any]) -> None:
    challenge = ground.challenge
    if challenge is not None and not challenge.charge(columns, using=database()):
        raise LostSwap


def _history(
    verdict: Verdict, ground: Ground, proof: Proof, earlier_lock: Lock | None
) -> list[Event.Type]:
    """Return what the user's history says of an attempt as it was recorded."""
    if verdict is Verdict.RIGHT:
        return [] if proof.backup_code is None else [Event.Type.BACKUP_CODE_USED]
    if earlier_lock is not None:  # charged to its challenge alone
        return []
    was_right_once = verdict is Verdict.REPLAYED
    seen = Event.Type.REPLAYED if was_right_once else Event.Type.FAILED
    return [seen] if lock_on(ground, proof.method) is None else [seen, Event.Type.LOCKED]


def _announce(verdict: Verdict, ground: Ground, proof: Proof, request: HttpRequest | None) -> None:
    signal = {
        Verdict.RIGHT: signals.totp_verified,
        Verdict.WRONG: signals.totp_failed,
        Verdict.REPLAYED: signals.totp_replayed,
    }[verdict]
    signals.announce(signal, user=ground.user, request=request, method=proof.method)
