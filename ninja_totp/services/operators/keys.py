"""Move stored rows from old encryption keys to the current one, while the site runs.

Here is which rows need which key, and the re-encryption. Sealing is in `core/encryption.py`. Every
write is conditional on the row as it was read: a login or a rotation at the same time wins, and the
next run finds what was missed, because each row names its key.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import SealBroken
from ninja_totp.models import Authenticator, BackupCode
from ninja_totp.services.backup_codes import code_row
from ninja_totp.services.recovery.known_password import resealed
from ninja_totp.transactions import ConcurrentUpdate, database, retry_on_conflict

_NO_CIPHERTEXT = Q(ciphertext="")

# What became of a row. One that was overtaken by another write is read again.
_Outcome = Literal["moved", "unchanged", "overtaken", "broken"]


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """What needs one key. `position` counts from 1 in TOTP_ENCRYPTION_KEY; None: not in it.

    `codes_bound` are the unused `codes` that cannot be moved, because only their fingerprint is
    stored. They need the key until they are used or replaced.
    """

    key_id: str
    position: int | None
    secrets: int = 0
    pending: int = 0
    codes: int = 0
    codes_bound: int = 0

    @property
    def is_needed(self) -> bool:
        """Whether a user could not log in or finish setting up 2FA without it."""
        return bool(self.secrets or self.pending or self.codes)

    @property
    def may_be_dropped(self) -> bool:
        """Whether the key can be removed from TOTP_ENCRYPTION_KEY."""
        return self.position is not None and self.position > 1 and not self.is_needed


def totp_keys() -> list[KeyUsage]:
    """Return what needs each key: keys of the setting in order, then unknown ones."""
    ring = get_settings().key_ring
    kinds: dict[str, QuerySet[Any]] = {
        "secrets": _authenticators().filter(confirmed_at__isnull=False),
        "pending": _authenticators().filter(_is_pending()),
        "codes": _unused_codes(),
        "codes_bound": _unused_codes().filter(_NO_CIPHERTEXT),
    }
    usage = {key_id: KeyUsage(key_id, place) for place, key_id in enumerate(ring.key_ids, start=1)}
    for kind, rows in kinds.items():
        counted = rows.order_by("key_id").values_list("key_id").annotate(Count("pk"))
        for key_id, number in counted:
            known = usage.get(key_id, KeyUsage(key_id, None))
            usage[key_id] = replace(known, **{kind: number})
    return sorted(usage.values(), key=lambda one: (one.position is None, one.position, one.key_id))


def _authenticators() -> QuerySet[Authenticator]:
    return Authenticator.objects.using(database())


def _unused_codes() -> QuerySet[BackupCode]:
    return BackupCode.objects.using(database()).filter(used_at=None)


def _is_pending() -> Q:
    return Q(confirmed_at=None, expires_epoch__gt=clock.now())


@dataclass(slots=True)
class Reencrypted:
    """The result of a run. `broken` are the primary keys of users with rows that no key opens."""

    secrets: int = 0
    codes: int = 0
    broken: set[Any] = field(default_factory=set)


def reencrypt_totp(
    *, batch: int = 200, on_progress: Callable[[Reencrypted], object] | None = None
) -> Reencrypted:
    """Move secrets and unused backup codes of older keys to the current key.

    Runs in short transactions of at most `batch` rows and calls `on_progress` after each. After an
    interruption, finished work stays and the next run continues. Broken rows are left. Deletes the
    ciphertexts of codes if TOTP_STORE_BACKUP_CODE_CIPHERTEXT is False.
    """
    so_far = Reencrypted()
    report = on_progress or (lambda so_far: None)
    for keys in _batches(_secrets_behind(), batch):
        so_far.secrets += _rewrite(_secrets_behind(), keys, _resealed, so_far.broken)
        report(so_far)
    for keys in _batches(_codes_behind(), batch):
        so_far.codes += _rewrite(_codes_behind(), keys, _refingerprinted, so_far.broken)
        report(so_far)
    return so_far


def _secrets_behind() -> QuerySet[Authenticator]:
    current = get_settings().key_ring.current_key_id
    used = Q(confirmed_at__isnull=False) | _is_pending()
    return _authenticators().filter(used).exclude(key_id=current).select_related("account")


def _codes_behind() -> QuerySet[BackupCode]:
    current = get_settings().key_ring.current_key_id
    return _unused_codes().exclude(_NO_CIPHERTEXT).exclude(key_id=current)


def _batches(behind: QuerySet[Any], size: int) -> Iterator[list[Any]]:
    rest = behind.order_by("pk").values_list("pk", flat=True)
    keys = list(rest[:size])
    while keys:
        yield keys
        keys = list(rest.filter(pk__gt=keys[-1])[:size])


def _rewrite(
    behind: QuerySet[Any],
    keys: Sequence[Any],
    rewritten: Callable[[Any], _Outcome],
    broken: set[Any],
) -> int:
    """Rewrite these rows in one transaction, and return how many were moved."""
    moved, left = 0, list(keys)

    @retry_on_conflict
    def until_moved() -> None:
        nonlocal moved, left
        rows = list(behind.filter(pk__in=left))
        with transaction.atomic(using=database()):
            outcomes = [(row, rewritten(row)) for row in rows]
        moved += sum(outcome == "moved" for _, outcome in outcomes)
        broken.update(_owner(row) for row, outcome in outcomes if outcome == "broken")
        left = [row.pk for row, outcome in outcomes if outcome == "overtaken"]
        if left:  # only these are read again
            raise ConcurrentUpdate

    until_moved()
    return moved


def _owner(row: Authenticator | BackupCode) -> Any:
    return row.user_id if isinstance(row, BackupCode) else row.account_id


@sensitive_variables()
def _resealed(authenticator: Authenticator) -> _Outcome:
    ring, owner = get_settings().key_ring, str(authenticator.account_id)
    try:
        secret = ring.seal(ring.open(authenticator.secret, owner=owner), owner=owner)
    except SealBroken:
        return "broken"
    try:
        authenticator.account.write(known_password=resealed(authenticator.account))
    except ConcurrentUpdate:
        return "overtaken"
    here = _authenticators().filter(pk=authenticator.pk)
    here.update(secret=secret, key_id=ring.current_key_id)
    return "moved"


@sensitive_variables()
def _refingerprinted(code: BackupCode) -> _Outcome:
    new = _new_row(code)
    if new is None:
        return "broken"
    # A code that was redeemed or replaced since it was read stays as it is.
    unused = _unused_codes().filter(pk=code.pk)
    changed = unused.update(
        fingerprint=new.fingerprint, ciphertext=new.ciphertext, key_id=new.key_id
    )
    return "moved" if changed else "unchanged"


@sensitive_variables()
def _new_row(code: BackupCode) -> BackupCode | None:
    ring = get_settings().key_ring
    try:
        plain = ring.decrypt(code.ciphertext)
    except InvalidToken:
        return None
    # The fingerprint is bound to the owner, the ciphertext is not: without this check, a row that
    # was moved to another user would become valid here.
    if code.fingerprint not in ring.fingerprints(plain, owner=str(code.user_id)):
        return None
    return code_row(code.user_id, plain)
