"""Verify a code, count failures, prevent replay.

Every use case that accepts a code calls `verify`, so there is one memory of used codes and one set
of counters. Nothing here knows what the code is for.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections, router
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import errors, lockout, otp
from ninja_totp.core.backup_codes import stored_forms
from ninja_totp.core.encryption import SealBroken, password_fingerprint
from ninja_totp.core.lockout import Counters
from ninja_totp.models import Account, Authenticator, BackupCode, Challenge, Event
from ninja_totp.models.second_step import Change, unused_codes, write
from ninja_totp.services.history import line, notify
from ninja_totp.transactions import database, refuse_transaction, retry_on_conflict

Method = Literal["otp", "backup_code"]
# The prefixes of the failure columns of a method, in accounts and challenges.
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
        """Which failure counters apply."""
        return "otp" if self.backup_code is None else "backup_code"


@dataclass(frozen=True, slots=True)
class Factor:
    """A user's account and confirmed authenticators as they were read; at a login its challenge."""

    user: AbstractBaseUser
    password_fingerprint: str
    account: Account
    authenticators: Sequence[Authenticator]
    challenge: Challenge | None = None

    def cost(self, method: Method) -> int:
        """Return the cost of a failure: a code is compared with each authenticator."""
        return len(self.authenticators) if method == "otp" else 1


@dataclass(frozen=True, slots=True)
class Match:
    """What a proof matches: a step of an authenticator, or an unused backup code.

    `codes_left` is the number of the other unused backup codes.
    """

    authenticator: Authenticator | None = None
    step: int = 0
    is_replay: bool = False
    code_fingerprint: uuid.UUID | None = None
    codes_left: int | None = None


def factor_of(user: AbstractBaseUser) -> Factor:
    """Return the user's factor. Raises NotEnabled if there is no confirmed authenticator."""
    confirmed = Authenticator.objects.using(database()).filter(
        account=user.pk, confirmed_at__isnull=False, account__confirmed_at__isnull=False
    )
    authenticators = list(confirmed.select_related("account"))
    if not authenticators:
        raise errors.NotEnabled
    password = password_fingerprint(user.password)
    return Factor(user, password, authenticators[0].account, authenticators)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A proof to check, and the failures so far."""

    factor: Factor
    proof: Proof
    counters: Mapping[Method, Counters]
    now: int
    request: HttpRequest | None
    api: str

    def line(self, kind: Event.Type) -> Event:
        method = self.proof.method
        return line(self.factor.user, kind, method=method, request=self.request, api=self.api)

    def announce(self, signal: Signal) -> None:
        user, method = self.factor.user, self.proof.method
        signals.announce(signal, user=user, request=self.request, api=self.api, method=method)


@sensitive_variables()
def verify(
    factor: Factor, proof: Proof, *, now: int, request: HttpRequest | None = None, api: str = ""
) -> Match:
    """Accept `proof` once, or count a failure. Both are written before this returns or raises.

    Raises Locked or BackupCodesLocked (nothing is checked or counted); InvalidCode for a wrong or
    used code, and without a failure for a text that cannot be a code; Unavailable if no key opens a
    secret; ConcurrentUpdate if `factor` has changed since it was read, and then nothing is written.
    Raises CalledInTransaction, first of all, if the caller could undo the counted failure.
    """
    using = router.db_for_write(Account)
    if connections[using].in_atomic_block:
        refuse_transaction(using)
    user, method = factor.user, proof.method
    counters = counters_of(factor.account, factor.password_fingerprint)
    cost, policy = factor.cost(method), get_settings().lockout
    lock = lockout.lock_of(counters[method], policy, now=now, cost=cost)
    is_well_formed = _is_well_formed(factor, proof)
    if lock is not None and not (is_well_formed and _claim_unlock(factor, proof, now)):
        locked = errors.Locked if method == "otp" else errors.BackupCodesLocked
        raise locked(lock.retry_after(now))
    attempt = _Attempt(factor, proof, counters, now, request, api)
    if not is_well_formed:  # letters, a digit too few: no guess, so no failure, and no answer
        raise errors.InvalidCode
    match = _find_match(factor, proof, now)
    if match is not None and not match.is_replay:
        _accept(attempt, match)
        signals.announce(signals.totp_verified, user=user, request=request, api=api, method=method)
        return match
    if lock is None:
        raise errors.InvalidCode(attempts_left=_charge(attempt, match))
    _charge_pair(attempt, match)
    raise errors.InvalidCode


@sensitive_variables()
@retry_on_conflict
def use_proof(user: AbstractBaseUser, proof: Proof, *, request: HttpRequest | None) -> bool:
    """Accept `proof` once and return True, or count a failure and return False.

    Raises NotEnabled without a confirmed authenticator, and what `verify` raises but InvalidCode.
    """
    try:
        verify(factor_of(user), proof, now=clock.now(), request=request)
    except errors.InvalidCode:
        return False
    return True


def counters_of(account: Account, password: str) -> dict[Method, Counters]:
    """Return the failure counters. `password` is the fingerprint of the current password."""
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


def forgiven(
    account: Account, password: str, challenge: Challenge | None, *, now: int
) -> dict[str, Any]:
    """Return the columns of an account after a correct code, which forgives failures."""
    # Only those of this login. With a full refund, each login of the real user would clear an
    # attacker's guesses.
    policy, counters = get_settings().lockout, counters_of(account, password)
    refunds = {method: _charged_to(challenge, method) for method in counters}
    after = {
        method: lockout.after_success(each, policy, now=now, refund=refunds[method])
        for method, each in counters.items()
    }
    return columns_of(after, password)


def _claim_unlock(factor: Factor, proof: Proof, now: int) -> bool:
    """Count a pair of codes that is tried under a lock. False if no pair may be tried."""
    # RFC 4226, 7.4: two consecutive codes show that the user has the authenticator. A lock that the
    # owner can end at once is no denial of service.
    if proof.otp_codes is None or not get_settings().two_code_unlock:
        return False
    day, most = now // 86_400, lockout.PAIRS_A_DAY
    return factor.account.claim_pair(day=day, most=most, cost=factor.cost("otp"))


def _is_well_formed(factor: Factor, proof: Proof) -> bool:
    if proof.backup_code is not None:
        return bool(stored_forms(proof.backup_code))
    typed = proof.otp_codes or (proof.otp_code or "",)
    return any(
        all(otp.canonical_code(code, digits=one.digits) for code in typed)
        for one in factor.authenticators
    )


def _find_match(factor: Factor, proof: Proof, now: int) -> Match | None:
    """Return what `proof` matches, preferably an unused step; None if it is wrong."""
    if proof.backup_code is not None:
        return _find_backup_code(factor.user, proof.backup_code)
    # Check all of them, so that the time does not reveal which one matched.
    matches = [_match_step(one, proof, now) for one in factor.authenticators]
    found = sorted([one for one in matches if one is not None], key=lambda match: match.is_replay)
    return found[0] if found else None


def _match_step(authenticator: Authenticator, proof: Proof, now: int) -> Match | None:
    secret, pair = open_secret(authenticator), proof.otp_codes
    window = get_settings().window if authenticator.window is None else authenticator.window
    parameters = otp.OtpParameters(
        authenticator.digits, authenticator.period_seconds, authenticator.algorithm
    )
    if pair is not None:
        step = otp.matching_pair(secret, *pair, at=now, window=window, parameters=parameters)
    else:
        code = proof.otp_code or ""
        step = otp.matching_step(secret, code, at=now, window=window, parameters=parameters)
    if step is None:
        return None
    oldest = step if pair is None else step - 1
    return Match(authenticator, step, is_replay=oldest <= authenticator.last_step)


@sensitive_variables()
def open_secret(authenticator: Authenticator) -> str:
    """Return the secret of an authenticator; Unavailable if no key opens it for its owner.

    Fails closed: without the secret, no code is accepted. The cause is the configuration or an
    attack on the table, so the error is not the user's.
    """
    user = str(authenticator.account_id)
    try:
        return get_settings().key_ring.open(authenticator.secret, owner=user)
    except SealBroken:
        line = "No key of TOTP_ENCRYPTION_KEY opens the secret of user %s."
        signals.log(logging.ERROR, line, user, event="secret_unreadable", user=user)
        raise errors.Unavailable from None


def _find_backup_code(user: AbstractBaseUser, text: str) -> Match | None:
    owner, ring = str(user.pk), get_settings().key_ring
    typed = [one for form in stored_forms(text) for one in ring.fingerprints(form, owner=owner)]
    unused = unused_codes(user)
    found = [one for one in typed if one in unused]
    return Match(code_fingerprint=found[0], codes_left=len(unused) - 1) if found else None


def _accept(attempt: _Attempt, match: Match) -> None:
    """Use up code and challenge, and forgive the failures of this login: all or nothing."""
    factor, challenge, used_at = attempt.factor, attempt.factor.challenge, timezone.now()
    columns = forgiven(factor.account, factor.password_fingerprint, challenge, now=attempt.now)
    # The account first, as everywhere: one lock order prevents deadlocks.
    changes = [account_change(factor.account, columns, last_used_at=used_at)]
    lines = list[Event]()
    if match.authenticator is not None:
        used = {"last_step": match.step, "last_used_at": used_at}
        changes.append(Change(Authenticator, {"id": match.authenticator.pk}, used))
    else:
        unused = {"fingerprint": match.code_fingerprint, "used_at": None}
        changes.append(Change(BackupCode, unused, {"used_at": used_at}))
        lines.append(attempt.line(Event.Type.BACKUP_CODE_USED))
    write([*changes, *challenge_changes(challenge, consumed_at=used_at)], lines)
    if lines:
        notify(factor.user, lines)


def _charge(attempt: _Attempt, replay: Match | None) -> int:
    """Count a wrong or used proof, before the caller learns the outcome.

    Returns how many more attempts the account and the challenge allow.
    """
    method, challenge, settings = attempt.proof.method, attempt.factor.challenge, get_settings()
    now, cost = attempt.now, attempt.factor.cost(method)
    after = lockout.after_failure(attempt.counters[method], settings.lockout, now=now, cost=cost)
    columns = columns_of({**attempt.counters, method: after}, attempt.factor.password_fingerprint)
    changes = [account_change(attempt.factor.account, columns)]
    left = lockout.attempts_left(after, settings.lockout, now=now, cost=cost)
    if challenge is not None:
        failures = {f"{_PREFIXES[method]}failures": _charged_to(challenge, method) + cost}
        changes += challenge_changes(challenge, **failures)
        left = min(left, settings.challenge_max_attempts - challenge.attempts - 1)
    is_locked = lockout.lock_of(after, settings.lockout, now=now, cost=cost) is not None
    lines = [attempt.line(Event.Type.FAILED if replay is None else Event.Type.REPLAYED)]
    if is_locked:
        lines.append(attempt.line(Event.Type.LOCKED))
    write(changes, lines)
    notify(attempt.factor.user, lines)
    attempt.announce(signals.totp_failed if replay is None else signals.totp_replayed)
    if is_locked:
        attempt.announce(signals.totp_locked)
    return left


def _charge_pair(attempt: _Attempt, replay: Match | None) -> None:
    """Count a wrong pair on its challenge only, and notify the owner of the first in each lock.

    If it counted on the account, guessing pairs (one in 3e11) would lock out the owner.
    """
    account, lines = attempt.factor.account, list[Event]()
    changes = challenge_changes(attempt.factor.challenge)
    if account.pair_failed_epoch <= account.last_failure_epoch:
        # Without the version: a flood of pairs must not conflict with the owner's writes.
        seen = {"user": account.pk, "pair_failed_epoch": account.pair_failed_epoch}
        reported = max(attempt.now, account.last_failure_epoch + 1)
        changes.insert(0, Change(Account, seen, {"pair_failed_epoch": reported}))
        lines.append(attempt.line(Event.Type.PAIR_FAILED))
    write(changes, lines)
    notify(attempt.factor.user, lines)
    attempt.announce(signals.totp_failed if replay is None else signals.totp_replayed)


def account_change(account: Account, columns: Mapping[str, Any], **more: Any) -> Change:
    """Return the change of `account` to these columns, with a new version."""
    # Unchanged columns are left out: if the row has changed, the write conflicts anyway.
    new = {name: value for name, value in columns.items() if getattr(account, name) != value}
    seen = {"user": account.pk, "version": account.version}
    return Change(Account, seen, {"version": account.version + 1, **new, **more})


def challenge_changes(challenge: Challenge | None, **columns: Any) -> list[Change]:
    """Return the change of `challenge`, if there is one, to these columns and one more attempt."""
    if challenge is None:
        return []
    seen = {"digest": challenge.pk, "attempts": challenge.attempts, "consumed_at": None}
    return [Change(Challenge, seen, {"attempts": challenge.attempts + 1, **columns})]


def _charged_to(challenge: Challenge | None, method: Method) -> int:
    """Return the cost of the failures of `method` in this login."""
    failures: int = 0 if challenge is None else getattr(challenge, f"{_PREFIXES[method]}failures")
    return failures
