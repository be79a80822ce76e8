"""Verify a code, count failures, prevent replay.

Every use case that accepts a code comes through `verify`, so that there is one memory of used codes
and one set of counters. Nothing here knows why the code was asked for.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections, router
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import lockout, otp
from ninja_totp.core.backup_codes import stored_forms
from ninja_totp.core.encryption import SealBroken, password_fingerprint
from ninja_totp.core.errors import (
    BackupCodesLocked,
    InvalidCode,
    Locked,
    NotEnabled,
    Unavailable,
)
from ninja_totp.core.lockout import Counters, Lock
from ninja_totp.models import Account, Authenticator, BackupCode, Challenge, Event
from ninja_totp.models.second_step import Change, unused_codes, write
from ninja_totp.services.history import line, notify
from ninja_totp.transactions import database, refuse_transaction, retry_on_conflict

logger = logging.getLogger("ninja_totp")

Method = Literal["otp", "backup_code"]
# How the columns of a method's failures begin, in the account and in a challenge.
_PREFIXES: Mapping[Method, str] = {"otp": "", "backup_code": "backup_"}


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """Exactly one of: a code, two consecutive codes, a backup code."""

    otp_code: str | None = None
    otp_codes: tuple[str, str] | None = None
    backup_code: str | None = None

    def __repr__(self) -> str:
        return f"Proof({self.method})"

    @property
    def method(self) -> Method:
        """Which set of failure counters the proof answers to."""
        return "otp" if self.backup_code is None else "backup_code"


@dataclass(frozen=True, slots=True)
class Factor:
    """A user's account and its confirmed authenticators, as they were read.

    `password` is the fingerprint of the user's present one.
    """

    user: AbstractBaseUser
    password_fingerprint: str
    account: Account
    authenticators: Sequence[Authenticator]

    def cost(self, method: Method) -> int:
        """What a failure costs: a guess at a code is compared with each authenticator."""
        return len(self.authenticators) if method == "otp" else 1


@dataclass(frozen=True, slots=True)
class Match:
    """What a proof is right for: a step of an authenticator, or an unused backup code.

    `codes_left` is the number of the user's backup codes without this one.
    """

    authenticator: Authenticator | None = None
    step: int = 0
    is_replay: bool = False
    code_fingerprint: uuid.UUID | None = None
    codes_left: int | None = None


def factor_of(user: AbstractBaseUser) -> Factor:
    """Return the user's factor. Raises NotEnabled where nothing is confirmed."""
    confirmed = Authenticator.objects.using(database()).filter(
        account=user.pk, confirmed_at__isnull=False, account__confirmed_at__isnull=False
    )
    authenticators = list(confirmed.select_related("account"))
    if not authenticators:
        raise NotEnabled
    password = password_fingerprint(user.password)
    return Factor(user, password, authenticators[0].account, authenticators)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A proof of a factor, and what its failures have cost so far."""

    factor: Factor
    proof: Proof
    challenge: Challenge | None
    counters: Mapping[Method, Counters]
    now: int
    request: HttpRequest | None
    api: str

    def line(self, kind: Event.Type) -> Event:
        """Return a line of history, not written yet."""
        method = self.proof.method
        return line(self.factor.user, kind, method=method, request=self.request, api=self.api)

    def left_after(self, counters: Counters, *, charged: int) -> int:
        """Return how many more attempts the account and the challenge allow."""
        settings, cost = get_settings(), self.factor.cost(self.proof.method)
        left = lockout.attempts_left(counters, settings.lockout, now=self.now, cost=cost)
        if self.challenge is None:
            return left
        return min(left, settings.challenge_max_attempts - self.challenge.attempts - charged)


@sensitive_variables()
def verify(
    factor: Factor,
    proof: Proof,
    *,
    challenge: Challenge | None = None,
    now: int,
    request: HttpRequest | None = None,
    api: str = "",
) -> Match:
    """Accept `proof` once, or charge it. Either has been written before this returns or raises.

    Raises Locked (nothing is looked at or charged); InvalidCode for a wrong or used code, and
    without a charge for a text that cannot be a code; Unavailable when no key
    opens a secret, and ConcurrentUpdate when something has changed since `factor` and `challenge`
    were read: nothing is written then. Raises CalledInTransaction before anything is looked at
    where the caller could undo the charge.
    """
    using = router.db_for_write(Account)
    if connections[using].in_atomic_block:
        refuse_transaction(using)
    user, method = factor.user, proof.method
    counters = counters_of(factor.account, factor.password_fingerprint)
    lock = _lock(counters[method], now, factor.cost(method))
    is_well_formed = _is_well_formed(factor, proof)
    if lock is not None and not (is_well_formed and _claim_unlock(factor, proof, now)):
        locked = Locked if method == "otp" else BackupCodesLocked
        raise locked(lock.retry_after(now))
    attempt = _Attempt(factor, proof, challenge, counters, now, request, api)
    if not is_well_formed:  # letters, a digit too few: no guess, so no charge
        raise InvalidCode(attempts_left=attempt.left_after(counters[method], charged=0))
    match = _find_match(factor, proof, now)
    if match is None or match.is_replay:
        raise InvalidCode(attempts_left=_refuse(attempt, match, lock))
    _accept(attempt, match)
    signals.announce(signals.totp_verified, user=user, request=request, api=api, method=method)
    return match


def _refuse(attempt: _Attempt, match: Match | None, lock: Lock | None) -> int | None:
    """Charge a wrong or used proof, and return how many attempts are left; None under a lock."""
    about: dict[str, Any] = {  # what each of the signals carries
        "user": attempt.factor.user,
        "request": attempt.request,
        "api": attempt.api,
        "method": attempt.proof.method,
    }
    outcome = signals.totp_failed if match is None else signals.totp_replayed
    if lock is not None:
        _charge_pair(attempt)
        signals.announce(outcome, **about)
        return None
    counters, is_locked = _charge(attempt, replayed=match is not None)
    signals.announce(outcome, **about)
    if is_locked:
        signals.announce(signals.totp_locked, **about)
    return attempt.left_after(counters, charged=1)


@sensitive_variables()
@retry_on_conflict
def use_proof(user: AbstractBaseUser, proof: Proof, *, request: HttpRequest | None) -> bool:
    """Accept `proof` once and return True, or charge it and return False.

    Raises NotEnabled without a confirmed factor, and what `verify` raises but InvalidCode.
    """
    try:
        verify(factor_of(user), proof, now=clock.now(), request=request)
    except InvalidCode:
        return False
    return True


def counters_of(account: Account, password: str) -> dict[Method, Counters]:
    """Return what failures have cost; `password` is the fingerprint of the present password."""
    is_same = password == account.failures_password
    return {
        method: Counters(
            getattr(account, f"{prefix}failures") if is_same else 0,
            getattr(account, f"{prefix}last_failure_epoch"),
            getattr(account, f"{prefix}budget_full_epoch"),
        )
        for method, prefix in _PREFIXES.items()
    }


def columns_of(counters: Mapping[Method, Counters], password: str) -> dict[str, Any]:
    """Return the columns of an account that hold these counters."""
    columns: dict[str, Any] = {"failures_password": password}
    for method, prefix in _PREFIXES.items():
        columns |= {
            f"{prefix}failures": counters[method].consecutive_failures,
            f"{prefix}last_failure_epoch": counters[method].last_failure_at,
            f"{prefix}budget_full_epoch": counters[method].budget_full_at,
        }
    return columns


def lock_on(
    account: Account, user: AbstractBaseUser, method: Method, *, authenticators: int, now: int
) -> Lock | None:
    """Return the lock that keeps `method` from being tried now, or None.

    `authenticators` is how many are confirmed.
    """
    cost = max(1, authenticators) if method == "otp" else 1
    return _lock(counters_of(account, password_fingerprint(user.password))[method], now, cost)


def _lock(counters: Counters, now: int, cost: int) -> Lock | None:
    return lockout.lock_of(counters, get_settings().lockout, now=now, cost=cost)


def _claim_unlock(factor: Factor, proof: Proof, now: int) -> bool:
    """Count a pair of codes that is tried under a lock. False when no pair may be tried."""
    # RFC 4226, 7.4: whoever gives two consecutive codes holds the authenticator. A lock-out that
    # the owner can end at once is no denial of service.
    if proof.otp_codes is None or not get_settings().two_code_unlock:
        return False
    day, most = now // 86_400, lockout.PAIRS_A_DAY
    return factor.account.claim_pair(day=day, most=most, cost=factor.cost("otp"))


@sensitive_variables()
def _is_well_formed(factor: Factor, proof: Proof) -> bool:
    if proof.backup_code is not None:
        return bool(stored_forms(proof.backup_code))
    typed = proof.otp_codes or (proof.otp_code or "",)
    return any(
        all(otp.canonical_code(code, digits=one.digits) for code in typed)
        for one in factor.authenticators
    )


@sensitive_variables()
def _find_match(factor: Factor, proof: Proof, now: int) -> Match | None:
    """Return what `proof` is right for, an unused step before a used one; None if it is wrong."""
    if proof.backup_code is not None:
        return _find_backup_code(factor.user, proof.backup_code)
    # All of them, so that the time taken does not tell which one it was.
    matches = [_match_step(one, proof, now) for one in factor.authenticators]
    found = sorted([one for one in matches if one is not None], key=lambda match: match.is_replay)
    return found[0] if found else None


@sensitive_variables()
def _match_step(authenticator: Authenticator, proof: Proof, now: int) -> Match | None:
    secret = open_secret(authenticator)
    window = get_settings().window if authenticator.window is None else authenticator.window
    parameters = otp.OtpParameters(
        authenticator.digits, authenticator.period_seconds, authenticator.algorithm
    )
    if proof.otp_codes is not None:
        step = otp.matching_pair(
            secret, *proof.otp_codes, at=now, window=window, parameters=parameters
        )
    else:
        code = proof.otp_code or ""
        step = otp.matching_step(secret, code, at=now, window=window, parameters=parameters)
    if step is None:
        return None
    oldest = step if proof.otp_codes is None else step - 1
    return Match(authenticator, step, is_replay=oldest <= authenticator.last_step)


@sensitive_variables()
def open_secret(authenticator: Authenticator) -> str:
    """Return the secret of an authenticator; Unavailable when no key opens it for its owner.

    A secret that cannot be opened refuses everybody (fail closed). It is the operator's fault,
    or an attack on the table, so the error is not the user's.
    """
    try:
        return get_settings().key_ring.open(
            authenticator.secret, owner=str(authenticator.account_id)
        )
    except SealBroken:
        user = authenticator.account_id
        logger.error(
            "No key of TOTP_ENCRYPTION_KEY opens the secret of user %s.",
            user,
            extra={"event": "secret_unreadable", "user": str(user)},
        )
        raise Unavailable from None


@sensitive_variables()
def _find_backup_code(user: AbstractBaseUser, text: str) -> Match | None:
    owner, ring = str(user.pk), get_settings().key_ring
    typed = [one for form in stored_forms(text) for one in ring.fingerprints(form, owner=owner)]
    unused = unused_codes(user)
    found = [one for one in typed if one in unused]
    return Match(code_fingerprint=found[0], codes_left=len(unused) - 1) if found else None


def _accept(attempt: _Attempt, match: Match) -> None:
    """Use up code and challenge, and give back the failures of this login: all or nothing."""
    # Only the failures of this very login, each to the budget that it was charged to: with a full
    # refund an attacker's guesses would be forgotten at each of the real user's logins.
    policy, challenge, used_at = get_settings().lockout, attempt.challenge, timezone.now()
    refunds = {method: _charged_to(challenge, method) for method in attempt.counters}
    counters = {
        method: lockout.after_success(each, policy, now=attempt.now, refund=refunds[method])
        for method, each in attempt.counters.items()
    }
    # The account first, as everywhere: where all lock in one order, no two wait for each other.
    columns = columns_of(counters, attempt.factor.password_fingerprint)
    changes = [_account_change(attempt.factor.account, columns, last_used_at=used_at)]
    lines = list[Event]()
    if match.authenticator is not None:
        used = {"last_step": match.step, "last_used_at": used_at}
        changes.append(Change(Authenticator, {"id": match.authenticator.pk}, used))
    else:
        unused = {"fingerprint": match.code_fingerprint, "used_at": None}
        changes.append(Change(BackupCode, unused, {"used_at": used_at}))
        lines.append(attempt.line(Event.Type.BACKUP_CODE_USED))
    if challenge is not None:
        changes.append(_challenge_change(challenge, consumed_at=used_at))
    write(changes, lines)
    if lines:
        notify(attempt.factor.user, lines)


def _charge(attempt: _Attempt, *, replayed: bool) -> tuple[Counters, bool]:
    """Count a wrong or used proof before its outcome can leave.

    Returns the new counters, and whether they lock.
    """
    method, challenge = attempt.proof.method, attempt.challenge
    now, cost = attempt.now, attempt.factor.cost(method)
    counters, policy = attempt.counters[method], get_settings().lockout
    after = lockout.after_failure(counters, policy, now=now, cost=cost)
    columns = columns_of({**attempt.counters, method: after}, attempt.factor.password_fingerprint)
    changes = [_account_change(attempt.factor.account, columns)]
    if challenge is not None:
        failures = {f"{_PREFIXES[method]}failures": _charged_to(challenge, method) + cost}
        changes.append(_challenge_change(challenge, **failures))
    is_locked = _lock(after, now, cost) is not None
    kinds = [Event.Type.REPLAYED if replayed else Event.Type.FAILED]
    kinds += [Event.Type.LOCKED] * is_locked
    lines = [attempt.line(kind) for kind in kinds]
    write(changes, lines)
    notify(attempt.factor.user, lines)
    return after, is_locked


def _charge_pair(attempt: _Attempt) -> None:
    """Count a wrong pair on its challenge only; the owner is notified of the first in each lock.

    Were it a failure of the account, guessing pairs (one in 3e11) would keep the owner out.
    """
    account, lines = attempt.factor.account, list[Event]()
    changes = [] if attempt.challenge is None else [_challenge_change(attempt.challenge)]
    if account.pair_failed_epoch <= account.last_failure_epoch:
        # Without the version: the owner's writes must not conflict with a flood of pairs.
        seen = {"user": account.pk, "pair_failed_epoch": account.pair_failed_epoch}
        reported = max(attempt.now, account.last_failure_epoch + 1)
        changes.insert(0, Change(Account, seen, {"pair_failed_epoch": reported}))
        lines.append(attempt.line(Event.Type.PAIR_FAILED))
    write(changes, lines)
    notify(attempt.factor.user, lines)


def _account_change(account: Account, columns: Mapping[str, Any], **more: Any) -> Change:
    # Unchanged columns are left out: a row that is not as it was read conflicts anyway.
    new = {name: value for name, value in columns.items() if getattr(account, name) != value}
    seen = {"user": account.pk, "version": account.version}
    return Change(Account, seen, {"version": account.version + 1, **new, **more})


def _challenge_change(challenge: Challenge, **columns: Any) -> Change:
    seen = {"digest": challenge.pk, "attempts": challenge.attempts, "consumed_at": None}
    return Change(Challenge, seen, {"attempts": challenge.attempts + 1, **columns})


def _charged_to(challenge: Challenge | None, method: Method) -> int:
    """Return what failures of `method` have cost in this login."""
    failures: int = 0 if challenge is None else getattr(challenge, f"{_PREFIXES[method]}failures")
    return failures
