"""What was found becomes rows of ours: a few statements for many users, all of them or none.

An imported row keeps version 0 until somebody uses it here. Until then it follows its source, so
that the command can be run again; afterwards, and for whoever enrolled here, it is left alone.
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

from ninja_totp import clock
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
from ninja_totp.models import BackupCode, Totp
from ninja_totp.services.backup_codes import code_row
from ninja_totp.services.swapping import LostSwap, database, until_swapped

__all__ = ["Outcome", "Result", "write"]

logger = logging.getLogger("ninja_totp")


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
    totps: Mapping[Any, Totp]
    unused_codes: Mapping[Any, set[UUID]]


def write(found: Iterable[Found], *, dry_run: bool = False) -> list[Outcome]:
    """Carry over what was found of each user; with `dry_run`, only tell what would be done.

    One transaction. Runs beside a live site: who loses a race is decided again.
    """
    outcomes, factors = _sorted_out(found)
    return outcomes + until_swapped(lambda: _write(factors, dry_run=dry_run))


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


def _write(factors: Sequence[ImportedFactor], *, dry_run: bool) -> list[Outcome]:
    here = _read([factor.user_pk for factor in factors])
    outcomes = [_decided(factor, here) for factor in factors]
    pairs = list(zip(factors, outcomes, strict=True))
    if not dry_run and any(_changes(outcome) for outcome in outcomes):
        _store([factor for factor, outcome in pairs if _changes(outcome)], here)
        for outcome in filter(_changes, outcomes):
            logger.info("totp_%s user=%s", outcome.result.value, outcome.user_pk)
    return outcomes


def _changes(outcome: Outcome) -> bool:
    return outcome.result in (Result.IMPORTED, Result.UPDATED)


def _read(user_pks: Sequence[Any]) -> _Here:
    users = rows(get_user_model()).filter(pk__in=user_pks).values_list("pk", flat=True)
    totps = Totp.objects.using(database()).in_bulk(user_pks)
    codes = BackupCode.objects.using(database()).filter(user__in=totps, used_at=None)
    unused: dict[Any, set[UUID]] = defaultdict(set)
    for user_pk, fingerprint in codes.values_list("user_id", "fingerprint") if totps else ():
        unused[user_pk].add(fingerprint)
    return _Here(frozenset(users), totps, unused)


def _decided(factor: ImportedFactor, here: _Here) -> Outcome:
    totp = here.totps.get(factor.user_pk)
    if factor.user_pk not in here.user_pks:
        return Outcome(factor.user_pk, Result.REFUSED, ("there is no such user any more",))
    if totp is None:
        return _carried(factor, Result.IMPORTED)
    if totp.is_enabled:
        return _compared(factor, totp, here.unused_codes.get(totp.pk, set()))
    if totp.disabled_at is not None:
        return Outcome(totp.pk, Result.UNTOUCHED, ("switched the second factor off here",))
    return _carried(factor, Result.IMPORTED)


def _compared(factor: ImportedFactor, totp: Totp, unused: set[UUID]) -> Outcome:
    if _opened(totp) != factor.secret:
        return Outcome(totp.pk, Result.UNTOUCHED, ("has another authenticator here",))
    carried = {row.fingerprint for row in _code_rows(factor)}
    is_current = (factor.last_step or 0) <= totp.last_step and unused == carried
    if not (totp.version or is_current):
        return _carried(factor, Result.UPDATED)
    if factor.lost_codes and unused <= carried:
        return Outcome(totp.pk, Result.UNCHANGED, factor.lost_codes, needs_codes=True)
    return Outcome(totp.pk, Result.UNCHANGED)


def _opened(totp: Totp) -> str | None:
    try:
        return get_settings().key_ring.open(totp.secret, owner=str(totp.pk))
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
    new = [_columns(factor) for factor in factors if factor.user_pk not in here.totps]
    codes = [row for factor in factors for row in _code_rows(factor)]
    try:
        with transaction.atomic(using=database()):
            for factor in factors:
                if factor.user_pk in here.totps:
                    _overwrite(here.totps[factor.user_pk], factor)
            Totp.objects.using(database()).bulk_create([Totp(**columns) for columns in new])
            _replace_codes([factor.user_pk for factor in factors], codes)
    except IntegrityError:  # the user enrolled, or was deleted, since we looked
        raise LostSwap from None


def _overwrite(totp: Totp, factor: ImportedFactor) -> None:
    columns = _columns(factor)
    if not totp.is_enabled:
        # A secret that waits for its confirmation was asked for without a second factor: it must
        # not be able to replace the one that the account has from now on.
        columns |= {"pending_secret": "", "pending_expires_epoch": 0, "version": totp.version + 1}
    columns["generation"] = totp.generation + 1
    seen = Totp.objects.using(database()).filter(pk=totp.pk, version=totp.version)
    if seen.update(**columns) != 1:
        raise LostSwap


def _replace_codes(user_pks: Sequence[Any], codes: Sequence[BackupCode]) -> None:
    ours = BackupCode.objects.using(database())
    ours.filter(user__in=user_pks).delete()
    ours.bulk_create(codes)


def _columns(factor: ImportedFactor) -> dict[str, Any]:
    ring, site = get_settings().key_ring, get_settings()
    window = min(factor.window, LARGEST_WINDOW)
    return {
        "user_id": factor.user_pk,
        "secret": ring.seal(factor.secret, owner=str(factor.user_pk)),
        "key_id": ring.current_key_id,
        "digits": factor.digits,
        "period_seconds": factor.period_seconds,
        "algorithm": factor.algorithm,
        "window": window if window > site.window else None,
        "last_step": _last_step(factor),
        "confirmed_at": factor.confirmed_at or timezone.now(),
        "last_used_at": factor.last_used_at,
    }


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
