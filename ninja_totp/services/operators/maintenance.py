"""Maintain all rows while the site runs: move them to the current key, delete expired ones.

Sealing is in `core/encryption.py`. Every write is conditional on the row as it was read: a login or
a rotation at the same time wins, and the next run finds what was missed, because each row names its
key. What has expired cannot be used, deleted or not. Deleting it keeps the tables small and leaves
no secrets behind. Counters, generations and the memory of used codes stay.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import SealBroken
from ninja_totp.models import Authenticator, BackupCode, Challenge, TrustedDevice
from ninja_totp.services.backup_codes import code_row
from ninja_totp.services.recovery.known_password import resealed
from ninja_totp.transactions import ConcurrentUpdate, database, retry_on_conflict


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
    authenticators = Authenticator.objects.using(database())
    kinds: dict[str, QuerySet[Any]] = {
        "secrets": authenticators.filter(confirmed_at__isnull=False),
        "pending": authenticators.filter(_is_pending()),
        "codes": _unused_codes(),
        "codes_bound": _unused_codes().filter(ciphertext=""),
    }
    key_ids = get_settings().key_ring.key_ids
    usage = {key_id: KeyUsage(key_id, place) for place, key_id in enumerate(key_ids, start=1)}
    for kind, rows in kinds.items():
        counted = rows.order_by("key_id").values_list("key_id").annotate(Count("pk"))
        for key_id, number in counted:
            known = usage.get(key_id, KeyUsage(key_id, None))
            usage[key_id] = replace(known, **{kind: number})
    return sorted(usage.values(), key=lambda one: (one.position is None, one.position, one.key_id))


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
    current = get_settings().key_ring.current_key_id
    used = Q(confirmed_at__isnull=False) | _is_pending()
    secrets = Authenticator.objects.using(database()).filter(used).exclude(key_id=current)
    for keys in _batches(secrets, batch):
        so_far.secrets += _move(secrets.select_related("account"), keys, _reseal, so_far.broken)
        report(so_far)
    codes = _unused_codes().exclude(ciphertext="").exclude(key_id=current)
    for keys in _batches(codes, batch):
        so_far.codes += _move(codes, keys, _refingerprint, so_far.broken)
        report(so_far)
    return so_far


def _batches(rows: QuerySet[Any], size: int) -> Iterator[list[Any]]:
    rest = rows.order_by("pk").values_list("pk", flat=True)
    keys = list(rest[:size])
    while keys:
        yield keys
        keys = list(rest.filter(pk__gt=keys[-1])[:size])


def _move(
    behind: QuerySet[Any], keys: Sequence[Any], move_row: Callable[[Any], int], broken: set[Any]
) -> int:
    """Move these rows in one transaction, and return how many were moved."""
    moved, left = 0, keys

    @retry_on_conflict
    def until_moved() -> None:
        nonlocal moved, left
        rows = list(behind.filter(pk__in=left))
        done, overtaken, unreadable = 0, [], set()
        with transaction.atomic(using=database()):
            for row in rows:
                try:
                    done += move_row(row)
                except (SealBroken, InvalidToken):
                    unreadable.add(row.user_id if isinstance(row, BackupCode) else row.account_id)
                except ConcurrentUpdate:
                    overtaken.append(row.pk)
        moved, left = moved + done, overtaken
        broken.update(unreadable)
        if left:  # only these are read again
            raise ConcurrentUpdate

    until_moved()
    return moved


@sensitive_variables()
def _reseal(authenticator: Authenticator) -> int:
    ring, owner = get_settings().key_ring, str(authenticator.account_id)
    secret = ring.seal(ring.open(authenticator.secret, owner=owner), owner=owner)
    authenticator.account.write(known_password=resealed(authenticator.account))
    here = Authenticator.objects.using(database()).filter(pk=authenticator.pk)
    return here.update(secret=secret, key_id=ring.current_key_id)


@sensitive_variables()
def _refingerprint(code: BackupCode) -> int:
    new = _new_row(code)
    # A code that was redeemed or replaced since it was read stays as it is.
    unused = _unused_codes().filter(pk=code.pk)
    return unused.update(fingerprint=new.fingerprint, ciphertext=new.ciphertext, key_id=new.key_id)


@sensitive_variables()
def _new_row(code: BackupCode) -> BackupCode:
    ring = get_settings().key_ring
    plain = ring.decrypt(code.ciphertext)
    # The fingerprint is bound to the owner, the ciphertext is not: without this check, a row that
    # was moved to another user would become valid here.
    if code.fingerprint not in ring.fingerprints(plain, owner=str(code.user_id)):
        raise SealBroken
    return code_row(code.user_id, plain)


@dataclass(slots=True)
class Pruned:
    """How many rows were deleted."""

    pending_secrets: int = 0
    challenges: int = 0
    trusted_devices: int = 0


def prune_totp(
    *,
    older_than_seconds: int = 86_400,
    batch: int = 1000,
    on_progress: Callable[[Pruned], object] | None = None,
) -> Pruned:
    """Delete what expired at least `older_than_seconds` ago.

    Runs in transactions of at most `batch` rows, and calls `on_progress` after each of them. After
    an interruption, finished work stays.
    """
    so_far, report = Pruned(), on_progress or (lambda so_far: None)
    before = clock.now() - older_than_seconds
    kinds: dict[str, QuerySet[Any]] = {
        "pending_secrets": Authenticator.objects.filter(confirmed_at=None),
        "challenges": Challenge.objects.all(),
        "trusted_devices": TrustedDevice.objects.all(),
    }
    for name, rows in kinds.items():
        expired = rows.using(database()).filter(expires_epoch__lt=before)
        for keys in _batches(expired, batch):
            # Checked again in the DELETE: it may have been confirmed since the keys were read.
            delete = retry_on_conflict(expired.filter(pk__in=keys).delete)
            setattr(so_far, name, getattr(so_far, name) + delete()[0])
            report(so_far)
    return so_far
