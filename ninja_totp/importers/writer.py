"""What was found becomes rows of ours: a few statements for many users, all of them or none.

An imported row keeps version 0 until it is used here. Until then it follows its source, so the
command can be run again. After that, and for users who set up 2FA here, it does not change.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import SealBroken
from ninja_totp.importers.found import (
    LARGEST_WINDOW,
    Found,
    ImportedFactor,
    Refused,
    Unfinished,
    checked,
)
from ninja_totp.importers.peers import rows
from ninja_totp.models import Account, Authenticator, BackupCode
from ninja_totp.models.authenticator import NAME_LENGTH
from ninja_totp.services.backup_codes import code_row
from ninja_totp.transactions import ConcurrentUpdate, database, retry_on_conflict


class Result(Enum):
    """What became of one user."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    UNTOUCHED = "untouched"
    REFUSED = "refused"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one user, and sentences on what was not carried over.

    `needs_codes`: backup codes that work there do not work here, and none have been made since.
    """

    user_pk: Any
    result: Result
    notes: tuple[str, ...] = ()
    backup_codes: int = 0
    needs_codes: bool = False


@dataclass(frozen=True, slots=True)
class _Here:
    """What our tables hold of some users."""

    user_pks: frozenset[Any]
    accounts: Mapping[Any, Account]
    confirmed: Mapping[Any, Sequence[Authenticator]]
    unused_codes: Mapping[Any, set[UUID]]


def write(found: Iterable[Found], *, dry_run: bool = False) -> list[Outcome]:
    """Carry over what was found of each user; with `dry_run`, only tell what would be done.

    One transaction. Runs beside a live site: who loses a race is decided again.
    """
    outcomes, factors = _sorted_out(found)
    return outcomes + _write(factors, dry_run=dry_run)


def _sorted_out(found: Iterable[Found]) -> tuple[list[Outcome], list[ImportedFactor]]:
    outcomes, factors = [], []
    for one in found:
        kept = checked(one) if isinstance(one, ImportedFactor) else one
        match kept:
            case ImportedFactor():
                factors.append(kept)
            case Refused(user_pk, reason):
                outcomes.append(Outcome(user_pk, Result.REFUSED, (reason,)))
            case Unfinished(user_pk):
                outcomes.append(Outcome(user_pk, Result.UNFINISHED))
    return outcomes, factors


@retry_on_conflict
def _write(factors: Sequence[ImportedFactor], *, dry_run: bool) -> list[Outcome]:
    here = _read([factor.user_pk for factor in factors])
    outcomes = [_decided(factor, here) for factor in factors]
    pairs = list(zip(factors, outcomes, strict=True))
    if not dry_run and any(_changes(outcome) for outcome in outcomes):
        _store([factor for factor, outcome in pairs if _changes(outcome)], here)
        for outcome in filter(_changes, outcomes):
            said, pk = outcome.result.value, outcome.user_pk
            fields = {"event": f"totp_{said}", "user": str(pk)}
            signals.log(logging.INFO, "totp_%s user=%s", said, pk, **fields)
    return outcomes


def _changes(outcome: Outcome) -> bool:
    return outcome.result in (Result.IMPORTED, Result.UPDATED)


def _read(user_pks: Sequence[Any]) -> _Here:
    users = rows(get_user_model()).filter(pk__in=user_pks).values_list("pk", flat=True)
    accounts = Account.objects.using(database()).in_bulk(user_pks)
    unused: dict[Any, set[UUID]] = defaultdict(set)
    if not accounts:
        return _Here(frozenset(users), accounts, {}, unused)
    confirmed = Authenticator.objects.using(database()).filter(
        account__in=accounts, confirmed_at__isnull=False
    )
    codes = BackupCode.objects.using(database()).filter(user__in=accounts, used_at=None)
    for user_pk, fingerprint in codes.values_list("user_id", "fingerprint"):
        unused[user_pk].add(fingerprint)
    by_user: dict[Any, list[Authenticator]] = defaultdict(list)
    for one in confirmed:
        by_user[one.account_id].append(one)
    return _Here(frozenset(users), accounts, by_user, unused)


def _decided(factor: ImportedFactor, here: _Here) -> Outcome:
    account = here.accounts.get(factor.user_pk)
    if factor.user_pk not in here.user_pks:
        return Outcome(factor.user_pk, Result.REFUSED, ("there is no such user any more",))
    if account is None:
        return _carried(factor, Result.IMPORTED)
    if account.is_enabled:
        return _compared(factor, account, here)
    if account.disabled_at is not None:
        return Outcome(account.pk, Result.UNTOUCHED, ("switched the second factor off here",))
    return _carried(factor, Result.IMPORTED)


def _compared(factor: ImportedFactor, account: Account, here: _Here) -> Outcome:
    confirmed, unused = here.confirmed.get(account.pk, ()), here.unused_codes.get(account.pk, set())
    steps = {_opened(one): one.last_step for one in confirmed}
    there = {one.secret: one.last_step or 0 for one in factor.authenticators}
    if steps.keys().isdisjoint(there):
        return Outcome(account.pk, Result.UNTOUCHED, ("has another authenticator here",))
    carried = {row.fingerprint for row in _code_rows(factor)}
    is_current = unused == carried and steps.keys() == there.keys()
    is_current = is_current and all(step <= steps[secret] for secret, step in there.items())
    if not (account.version or is_current):
        return _carried(factor, Result.UPDATED)
    if factor.lost_codes and unused <= carried:
        return Outcome(account.pk, Result.UNCHANGED, factor.lost_codes, needs_codes=True)
    return Outcome(account.pk, Result.UNCHANGED)


def _opened(authenticator: Authenticator) -> str | None:
    owner = str(authenticator.account_id)
    try:
        return get_settings().key_ring.open(authenticator.secret, owner=owner)
    except SealBroken:
        return None


def _carried(factor: ImportedFactor, result: Result) -> Outcome:
    return Outcome(
        factor.user_pk,
        result,
        (*factor.notes, *factor.lost_codes),
        len(factor.backup_codes),
        needs_codes=bool(factor.lost_codes),
    )


def _store(factors: Sequence[ImportedFactor], here: _Here) -> None:
    new = [factor for factor in factors if factor.user_pk not in here.accounts]
    codes = [row for factor in factors for row in _code_rows(factor)]
    user_pks = [factor.user_pk for factor in factors]
    try:
        with transaction.atomic(using=database()):
            for factor in factors:
                if factor.user_pk in here.accounts:
                    _overwrite(here.accounts[factor.user_pk], factor)
            accounts = [Account(user_id=factor.user_pk, **_columns(factor)) for factor in new]
            Account.objects.using(database()).bulk_create(accounts)
            # A secret that waits for its confirmation was asked for without a second factor: it
            # must not be able to replace the one that the account has from now on.
            authenticators = Authenticator.objects.using(database())
            authenticators.filter(account__in=user_pks).delete()
            authenticators.bulk_create([row for one in factors for row in _rows_of(one)])
            _replace_codes(user_pks, codes)
    except IntegrityError:  # the user enrolled, or was deleted, since we looked
        raise ConcurrentUpdate from None


def _overwrite(account: Account, factor: ImportedFactor) -> None:
    columns = _columns(factor) | {"generation": account.generation + 1}
    # Still version 0 where it was imported, since nobody has used it here; an enrolment that was
    # begun here is over.
    version = account.version if account.is_enabled else account.version + 1
    seen = Account.objects.using(database()).filter(pk=account.pk, version=account.version)
    if seen.update(version=version, **columns) != 1:
        raise ConcurrentUpdate


def _replace_codes(user_pks: Sequence[Any], codes: Sequence[BackupCode]) -> None:
    ours = BackupCode.objects.using(database())
    ours.filter(user__in=user_pks).delete()
    ours.bulk_create(codes)


def _columns(factor: ImportedFactor) -> dict[str, Any]:
    moments = _moments(factor)
    return moments | {"confirmed_epoch": int(moments["confirmed_at"].timestamp())}


def _moments(factor: ImportedFactor) -> dict[str, Any]:
    return {
        "confirmed_at": factor.confirmed_at or timezone.now(),
        "last_used_at": factor.last_used_at,
    }


def _rows_of(factor: ImportedFactor) -> list[Authenticator]:
    names = [" ".join(one.name.split())[:NAME_LENGTH] for one in factor.authenticators]
    return [
        _authenticator(one, name or f"Authenticator app{f' {number}' if number > 1 else ''}")
        for number, (one, name) in enumerate(zip(factor.authenticators, names, strict=True), 1)
    ]


def _authenticator(factor: ImportedFactor, name: str) -> Authenticator:
    ring, site = get_settings().key_ring, get_settings()
    window = min(factor.window, LARGEST_WINDOW)
    return Authenticator(
        account_id=factor.user_pk,
        name=name,
        secret=ring.seal(factor.secret, owner=str(factor.user_pk)),
        key_id=ring.current_key_id,
        digits=factor.digits,
        period_seconds=factor.period_seconds,
        algorithm=factor.algorithm,
        window=window if window > site.window else None,
        last_step=_last_step(factor),
        **_moments(factor),
    )


def _last_step(factor: ImportedFactor) -> int:
    if factor.last_step is not None:
        return factor.last_step
    # All but the present code counts as used. Strictly that one does too, but then nobody could
    # log in for half a minute.
    return clock.now() // factor.period_seconds - 1


def _code_rows(factor: ImportedFactor) -> list[BackupCode]:
    codes = [code_row(factor.user_pk, code) for code in factor.backup_codes]
    # Two codes that are typed alike are one.
    return list({row.fingerprint: row for row in codes}.values())
