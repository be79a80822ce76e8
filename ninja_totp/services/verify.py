"""What an attempt at the second factor costs or brings.

Every door and every use case that tests a code comes through `attempt`, so that there is one
replay memory and one set of counters. Nothing here knows why the proof was asked for.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.all_or_none import write_all
from ninja_totp.conf import get_settings
from ninja_totp.core import lockout
from ninja_totp.core.errors import InvalidCode, Locked, NotEnabled
from ninja_totp.core.lockout import Counters, Lock
from ninja_totp.models import Event, Totp, counter_columns, password_fingerprint
from ninja_totp.prepared import Given, Prepared
from ninja_totp.services.events import line_of
from ninja_totp.services.hashed_codes import matching_hashed_code
from ninja_totp.services.notices import notify
from ninja_totp.services.proof import Ground, Judgement, Method, Proof, Verdict, judge
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.statements import ONE_MORE, Swap

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
    alongside: Callable[[Ground], object] | None = None,
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
        judgement = judge(ground, proof)
        verdict = judgement.verdict
        if verdict is Verdict.RIGHT:
            columns = _columns_of_success(ground, judgement) | changes(ground)
            verdict = _record_success(
                ground, proof, judgement, columns, alongside=alongside, request=request
            )
        if verdict is not Verdict.RIGHT:
            _record_failure(ground, proof, verdict, request, is_locked=lock is not None)
        return ground, verdict, lock

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
    return _lock_of(_counters(ground)[method])


def _lock_of(counters: Counters) -> Lock | None:
    return lockout.lock_of(counters, get_settings().lockout, now=clock.now())


def _counters(ground: Ground) -> dict[Method, Counters]:
    totp, password = ground.totp, password_fingerprint(ground.user)
    return {"otp": totp.otp_counters(password), "backup_code": totp.backup_counters(password)}


def _may_unlock(ground: Ground, proof: Proof) -> bool:
    # RFC 4226, 7.4: whoever gives two consecutive codes holds the authenticator. A lock-out that
    # the owner can end at once is no denial of service. Only in a login: without a challenge to
    # charge, pairs could be guessed for nothing.
    is_pair = proof.otp_codes is not None and ground.challenge is not None
    return is_pair and get_settings().two_code_unlock


def _record_success(
    ground: Ground,
    proof: Proof,
    judgement: Judgement,
    columns: dict[str, Any],
    *,
    alongside: Callable[[Ground], object] | None,
    request: HttpRequest | None,
) -> Verdict:
    """Write what an accepted attempt brings. Returns the verdict: a backup code may be none."""
    swap, claim = ground.totp.swapped(columns), judgement.claim
    # The factor first, as everywhere: where all lock in one order, nobody waits for each other.
    swaps = [swap, *([] if claim is None else [claim])]
    swaps += _charged(ground, {"consumed_at": timezone.now()})
    types = [] if proof.backup_code is None else [Event.Type.BACKUP_CODE_USED]
    then = None if alongside is None else partial(alongside, ground)
    found = _write(swaps, types, ground, proof, request, then=then)
    if claim is not None and found == 1:
        return Verdict.WRONG
    if found < len(swaps):
        raise LostSwap
    ground.totp.show(swap)
    return Verdict.RIGHT


def _record_failure(
    ground: Ground,
    proof: Proof,
    verdict: Verdict,
    request: HttpRequest | None,
    *,
    is_locked: bool,
) -> None:
    if is_locked:
        # A wrong pair costs its challenge alone, so that guessing pairs (one in 3e11) cannot keep
        # the owner out. It leaves the factor's row untouched, lest a flood of them makes every
        # attempt of the owner lose its swap. Nor is there a line in the history.
        if write_all(_charged(ground, {}), database()) != 1:
            raise LostSwap
        return
    policy, counters = get_settings().lockout, _counters(ground)
    counters[proof.method] = lockout.after_failure(counters[proof.method], policy, now=clock.now())
    swap = ground.totp.swapped(_counter_columns(ground, counters))
    swaps = [swap, *_charged(ground, {_FAILED[proof.method]: ONE_MORE})]
    was_right_once = verdict is Verdict.REPLAYED
    types = [Event.Type.REPLAYED if was_right_once else Event.Type.FAILED]
    if _lock_of(counters[proof.method]) is not None:
        types.append(Event.Type.LOCKED)
    if _write(swaps, types, ground, proof, request) < len(swaps):
        raise LostSwap
    ground.totp.show(swap)


def _write(
    swaps: Sequence[Swap],
    types: Sequence[Event.Type],
    ground: Ground,
    proof: Proof,
    request: HttpRequest | None,
    *,
    then: Callable[[], object] | None = None,
) -> int:
    """Write `swaps` with a line of history for each of `types`, and return how many were found."""
    lines = [line_of(ground.user, kind, method=proof.method, request=request) for kind in types]
    found = write_all(swaps, database(), rows=lines, then=then)
    if lines and found == len(swaps):
        notify(ground.user, types, address=lines[0].address)
    return found


def _charged(ground: Ground, columns: dict[str, Any]) -> list[Swap]:
    """Return the swap that charges the challenge, if there is one."""
    return [] if ground.challenge is None else [ground.challenge.charged(columns)]


def _columns_of_success(ground: Ground, judgement: Judgement) -> dict[str, Any]:
    # Only the failures of this very login are given back, each to the budget that it was charged
    # to: with a full refund an attacker's guesses would be forgotten at each of the real user's
    # logins.
    policy, now = get_settings().lockout, clock.now()
    counters: dict[Method, Counters] = {
        method: lockout.after_success(each, policy, now=now, refund=_failures(ground, method))
        for method, each in _counters(ground).items()
    }
    used = {"last_step": judgement.last_step, "last_used_at": timezone.now()}
    return used | _counter_columns(ground, counters)


def _failures(ground: Ground, method: Method) -> int:
    """Return how often `method` has failed in this login."""
    failures: int = getattr(ground.challenge, _FAILED[method]) if ground.challenge else 0
    return failures


def _counter_columns(ground: Ground, counters: Mapping[Method, Counters]) -> dict[str, Any]:
    password = password_fingerprint(ground.user)
    return counter_columns(counters["otp"], counters["backup_code"], password)


def _announce(verdict: Verdict, ground: Ground, proof: Proof, request: HttpRequest | None) -> None:
    signal = {
        Verdict.RIGHT: signals.totp_verified,
        Verdict.WRONG: signals.totp_failed,
        Verdict.REPLAYED: signals.totp_replayed,
    }[verdict]
    signals.announce(signal, user=ground.user, request=request, method=proof.method)
