"""Moving what is stored from old encryption keys to the current one, while the site runs.

Which rows need which key, and the re-encryption itself; what sealing is stands in
`core/encryption.py`. Every write is conditional on the row as it was read, so that a login or a
rotation at the same moment wins, and what was missed is found by the next run: a row says itself
under which key it is. Backup codes of which only another package's hash is known need no key.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import KeyRing, SealBroken
from ninja_totp.models import BackupCode, Totp
from ninja_totp.services.backup_codes import code_row
from ninja_totp.services.swapping import LostSwap, database, until_swapped
from ninja_totp.statements import Swap, update

__all__ = [
    "KeyUsage",
    "Reencrypted",
    "areencrypt_totp",
    "atotp_keys",
    "reencrypt_totp",
    "totp_keys",
]

_NO_CIPHERTEXT = Q(ciphertext="")


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """What needs one key. `position` counts from 1 in TOTP_ENCRYPTION_KEY; None: not in there.

    `codes_bound` are those of the unused `codes` that no run can move, since nothing but their
    fingerprint is stored: they go when they are used or replaced.
    """

    key_id: str
    position: int | None
    secrets: int = 0
    pending: int = 0
    codes: int = 0
    codes_bound: int = 0

    @property
    def is_needed(self) -> bool:
        """Whether somebody could not log in, or not finish enrolling, without it."""
        return bool(self.secrets or self.pending or self.codes)

    @property
    def may_be_dropped(self) -> bool:
        """Whether the key can be taken out of TOTP_ENCRYPTION_KEY."""
        return self.position is not None and self.position > 1 and not self.is_needed


def totp_keys() -> list[KeyUsage]:
    """Return what needs each key: those of the setting in order, then unknown ones in use."""
    ring = get_settings().key_ring
    secrets = _by_key(Totp.objects.using(database()).exclude(secret=""))
    codes = _by_key(_unused_codes())
    bound = _by_key(_unused_codes().filter(_NO_CIPHERTEXT))
    pending = Counter(ring.key_id_of(sealed) or "unknown" for sealed in _pending_secrets())
    unknown = sorted({*secrets, *codes, *pending}.difference(ring.key_ids))
    return [
        KeyUsage(
            key_id,
            ring.key_ids.index(key_id) + 1 if key_id in ring.key_ids else None,
            secrets[key_id],
            pending[key_id],
            codes[key_id],
            bound[key_id],
        )
        for key_id in (*ring.key_ids, *unknown)
    ]


def _by_key(rows: QuerySet[Any]) -> Counter[str]:
    counted = rows.order_by().values_list("key_id").annotate(number=Count("pk"))
    return Counter(dict(counted))


def _unused_codes() -> QuerySet[BackupCode]:
    return BackupCode.objects.using(database()).filter(used_at=None, legacy_hash="")


def _pending_secrets() -> Iterator[str]:
    pending = Totp.objects.using(database()).filter(_is_pending())
    return pending.values_list("pending_secret", flat=True).iterator(chunk_size=1000)


def _is_pending() -> Q:
    return Q(pending_expires_epoch__gt=clock.now()) & ~Q(pending_secret="")


@dataclass(slots=True)
class Reencrypted:
    """What a run has done. `broken` are the keys of users with something that no key opens."""

    secrets: int = 0
    codes: int = 0
    broken: set[Any] = field(default_factory=set)


def reencrypt_totp(
    *, batch: int = 200, told: Callable[[Reencrypted], object] | None = None
) -> Reencrypted:
    """Move secrets and unused backup codes of older keys to the current key.

    Runs in short transactions of at most `batch` rows each and calls `told` after each of them;
    when it is interrupted, what it has done stays, and the next run goes on from there. What is
    broken is left as it is. The ciphertexts of codes go where TOTP_STORE_BACKUP_CODE_CIPHERTEXT
    is False by now.
    """
    so_far = Reencrypted()
    tell = told or (lambda so_far: None)
    for keys in _batches(_secrets_behind, batch):
        so_far.secrets += _rewrite(_secrets_behind, keys, _resealed, so_far.broken)
        tell(so_far)
    for keys in _batches(_codes_behind, batch):
        so_far.codes += _rewrite(_codes_behind, keys, _refingerprinted, so_far.broken)
        tell(so_far)
    return so_far


def _secrets_behind() -> QuerySet[Totp]:
    current = get_settings().key_ring.current_key_id
    behind = ~Q(secret="") & ~Q(key_id=current)
    return Totp.objects.using(database()).filter(behind | _is_pending())


def _codes_behind() -> QuerySet[BackupCode]:
    current = get_settings().key_ring.current_key_id
    return _unused_codes().exclude(_NO_CIPHERTEXT).exclude(key_id=current)


def _batches(behind: Callable[[], QuerySet[Any]], size: int) -> Iterator[list[Any]]:
    rest = behind().order_by("pk").values_list("pk", flat=True)
    keys = list(rest[:size])
    while keys:
        yield keys
        keys = list(rest.filter(pk__gt=keys[-1])[:size])


class _Outcome(Enum):
    MOVED = "moved"
    NOTHING_TO_DO = "nothing to do"
    LOST = "lost"
    BROKEN = "broken"


def _rewrite(
    behind: Callable[[], QuerySet[Any]],
    keys: Sequence[Any],
    rewritten: Callable[[Any], _Outcome],
    broken: set[Any],
) -> int:
    """Rewrite these rows in one transaction, and return how many were moved."""
    moved, left = 0, list(keys)

    def once() -> None:
        nonlocal moved, left
        rows = list(behind().filter(pk__in=left))
        with transaction.atomic(using=database()):
            outcomes = [(row, rewritten(row)) for row in rows]
        moved += sum(outcome is _Outcome.MOVED for _, outcome in outcomes)
        broken.update(row.user_id for row, outcome in outcomes if outcome is _Outcome.BROKEN)
        left = [row.pk for row, outcome in outcomes if outcome is _Outcome.LOST]
        if left:  # they are read again, and the others are not
            raise LostSwap

    until_swapped(once)
    return moved


@sensitive_variables()
def _resealed(totp: Totp) -> _Outcome:
    try:
        columns = _columns_behind(totp)
    except SealBroken:
        return _Outcome.BROKEN
    if not columns:
        return _Outcome.NOTHING_TO_DO
    return _Outcome.MOVED if totp.swap(columns, using=database()) else _Outcome.LOST


@sensitive_variables()
def _columns_behind(totp: Totp) -> dict[str, Any]:
    ring, columns = get_settings().key_ring, dict[str, Any]()
    if totp.secret and totp.key_id != ring.current_key_id:
        columns = {"secret": _sealed_anew(ring, totp.secret, totp)}
        columns["key_id"] = ring.current_key_id
    is_pending = totp.has_pending(now=clock.now())
    if is_pending and ring.key_id_of(totp.pending_secret) != ring.current_key_id:
        columns["pending_secret"] = _sealed_anew(ring, totp.pending_secret, totp)
    return columns


@sensitive_variables()
def _sealed_anew(ring: KeyRing, sealed: str, totp: Totp) -> str:
    owner = str(totp.pk)
    return ring.seal(ring.open(sealed, owner=owner), owner=owner)


@sensitive_variables()
def _refingerprinted(code: BackupCode) -> _Outcome:
    new = _code_anew(code)
    if new is None:
        return _Outcome.BROKEN
    changes = {
        "fingerprint": new.fingerprint,
        "ciphertext": new.ciphertext,
        "key_id": new.key_id,
    }
    # A code that was redeemed or replaced since it was read stays as it is.
    seen = {"fingerprint": code.fingerprint, "used_at": None}
    is_ours = update(Swap(BackupCode, seen, changes), database()) == 1
    return _Outcome.MOVED if is_ours else _Outcome.NOTHING_TO_DO


@sensitive_variables()
def _code_anew(code: BackupCode) -> BackupCode | None:
    ring = get_settings().key_ring
    try:
        plain = ring.decrypt(code.ciphertext)
    except InvalidToken:
        return None
    # A ciphertext is bound to no owner, its fingerprint is: without this look, a row that was
    # moved to another user would be made good here.
    if code.fingerprint not in ring.fingerprints(plain, owner=str(code.user_id)):
        return None
    return code_row(code.user_id, plain)


atotp_keys = awaitable(totp_keys)
areencrypt_totp = awaitable(reencrypt_totp)
