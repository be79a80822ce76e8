"""The reads and writes of a second step and an enrolment: the only SQL written by hand.

The ORM takes longer to build these statements than the database takes to answer them
(docs/explanation/performance.md). A read is one SELECT on every database. `write` is one statement
on PostgreSQL; elsewhere, and where two lines of history come with it, a transaction. Tests hold all
of them to what the ORM does.
"""

import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import OperationalError, connections, models, router, transaction
from django.views.decorators.debug import sensitive_variables

from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models.account import Account
from ninja_totp.models.authenticator import Authenticator, BackupCode
from ninja_totp.models.challenge import Challenge
from ninja_totp.models.event import Event
from ninja_totp.transactions import ConcurrentUpdate, database, is_conflict

# Numbers, text, ids and booleans, of which to_python() makes what the ORM would. Other columns stay
# in the database.
_CHALLENGE = (
    *("digest", "purpose", "backend", "password_fingerprint", "generation", "attempts"),
    *("failures", "backup_failures", "expires_epoch"),
)
_ACCOUNT = (
    *("version", "generation", "failures", "last_failure_epoch", "budget_full_epoch"),
    *("backup_failures", "backup_last_failure_epoch", "backup_budget_full_epoch"),
    *("failures_password", "reset_epoch", "required_epoch", "pair_failed_epoch"),
)
_AUTHENTICATOR = (
    *("id", "type", "name", "secret", "key_id", "digits", "period_seconds", "algorithm"),
    *("window", "last_step"),
)
_PENDING = (
    *_AUTHENTICATOR,
    *("replaces", "supersedes", "expires_epoch", "begun_by", "failures", "failures_of_others"),
)

# Rows of one INSERT: old versions of SQLite take 999 values.
_BATCH = 50


class Opened(NamedTuple):
    """An unused challenge, its user, and the user's account with what is confirmed of it."""

    challenge: Challenge
    user: AbstractBaseUser
    password_fingerprint: str
    account: Account | None
    authenticators: list[Authenticator]


@sensitive_variables()
def read(digest: str, purpose: str) -> Opened | None:
    """Return the unused challenge of `digest` for `purpose` with all that a second step needs."""
    using = router.db_for_write(Account)
    # By the user's model, because its columns may be of any type: raw() converts those.
    model = get_user_model()
    users = model._base_manager.using(using)  # noqa: SLF001 - a documented name
    rows: list[Any] = list(users.raw(_select(model, using), [digest, purpose]))
    if not rows:
        return None
    user = rows[0]
    challenge = _made(Challenge, "c", _CHALLENGE, user, using, user_id=user.pk)
    if user.a_version is None:  # the outer join found none
        return Opened(challenge, user, password_fingerprint(user.password), None, [])
    account = _made(Account, "a", _ACCOUNT, user, using, user_id=user.pk)
    found = [row for row in rows if row.t_id is not None]
    authenticators = [
        _made(Authenticator, "t", _AUTHENTICATOR, row, using, account_id=user.pk) for row in found
    ]
    return Opened(challenge, user, password_fingerprint(user.password), account, authenticators)


@cache
def _select(model: type[AbstractBaseUser], using: str) -> str:
    columns = _columns(using, c=_CHALLENGE, a=_ACCOUNT, t=_AUTHENTICATOR)
    key = connections[using].ops.quote_name(str(model._meta.pk.column))
    # Only names of the models are inserted here.
    return (
        f"SELECT u.*, {columns} FROM {_table(Challenge, using)} c"  # noqa: S608
        f" JOIN {_table(model, using)} u ON u.{key} = c.user_id"
        f" LEFT JOIN {_table(Account, using)} a ON a.user_id = c.user_id"
        f" LEFT JOIN {_table(Authenticator, using)} t"
        " ON t.account_id = a.user_id AND t.confirmed_at IS NOT NULL"
        " WHERE c.digest = %s AND c.purpose = %s AND c.consumed_at IS NULL ORDER BY t.id"
    )


def _table(model: type[models.Model], using: str) -> str:
    return connections[using].ops.quote_name(model._meta.db_table)


def _columns(using: str, **tables: Sequence[str]) -> str:
    quoted = connections[using].ops.quote_name
    named = ((alias, name) for alias, names in tables.items() for name in names)
    return ", ".join(f"{alias}.{quoted(name)} AS {alias}_{name}" for alias, name in named)


@sensitive_variables()
def read_enrolment(user: AbstractBaseUser) -> tuple[Account | None, Authenticator | None]:
    """Return the user's account and its unconfirmed authenticator, expired or not."""
    using = database()
    accounts = Account._base_manager.using(using)  # noqa: SLF001 - a documented name
    row: Any = next(iter(accounts.raw(_select_enrolment(using), [_owner(user, using)])), None)
    if row is None or row.t_id is None:
        return row, None
    pending = _made(Authenticator, "t", _PENDING, row, using, account_id=row.pk)
    pending.account = row
    return row, pending


@cache
def _select_enrolment(using: str) -> str:
    return (
        f"SELECT a.*, {_columns(using, t=_PENDING)} FROM {_table(Account, using)} a"  # noqa: S608
        f" LEFT JOIN {_table(Authenticator, using)} t"
        " ON t.account_id = a.user_id AND t.confirmed_at IS NULL"
        " WHERE a.user_id = %s ORDER BY t.expires_epoch DESC"
    )


@sensitive_variables()
def _made(
    model: Any, alias: str, names: Sequence[str], row: Any, using: str, **key: Any
) -> Any:  # Any: an object of `model`
    values = {name: getattr(row, f"{alias}_{name}") for name in names} | key
    # from_db() wants them in the order of the fields; the others are read when they are used.
    read = [one for one in model._meta.concrete_fields if one.attname in values]
    read_values = [one.to_python(values[one.attname]) for one in read]
    return model.from_db(using, [one.attname for one in read], read_values)


@sensitive_variables()
def unused_codes(user: AbstractBaseUser) -> set[uuid.UUID]:
    """Return the fingerprints of the user's unused backup codes."""
    using = router.db_for_write(Account)
    field, table = BackupCode._meta.get_field("fingerprint"), _table(BackupCode, using)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT fingerprint FROM {table} WHERE user_id = %s AND used_at IS NULL",  # noqa: S608
            [_owner(user, using)],
        )
        return {field.to_python(fingerprint) for (fingerprint,) in cursor.fetchall()}


def _owner(user: AbstractBaseUser, using: str) -> Any:  # Any: what the key of a user becomes
    return Account._meta.pk.get_db_prep_save(user.pk, connections[using])


class Change(NamedTuple):
    """New values for a row, which is written only if the row is as it was seen."""

    model: type[models.Model]
    seen: Mapping[str, Any]
    new: Mapping[str, Any]


@sensitive_variables()
def write(changes: Sequence[Change], lines: Sequence[Event], *, using: str = "") -> None:
    """Write all `changes` and the `lines` of history, or nothing at all.

    Rows are locked in the order of `changes`. `using` is by default what the router says. Raises
    ConcurrentUpdate if one of them is not as it was seen, or the database undid the write.
    """
    if not (changes or lines):  # a wrong pair that no challenge is charged for
        return
    using = using or router.db_for_write(Account)
    # Several new rows would be stored in no certain order.
    is_one = connections[using].vendor == "postgresql" and len(lines) < 2
    try:
        (_write_in_one_statement if is_one else _write_in_transaction)(changes, lines, using)
    except OperationalError as error:
        if not is_conflict(error):
            raise
        raise ConcurrentUpdate from None


@sensitive_variables()
def _write_in_transaction(changes: Sequence[Change], lines: Sequence[Event], using: str) -> None:
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for change in changes:
            update = _update(change, _seen(change, using), using)
            cursor.execute(update.text, update.values)
            if cursor.rowcount != 1:
                raise ConcurrentUpdate
        _insert_all(cursor, lines, using)


@sensitive_variables()
def _write_in_one_statement(changes: Sequence[Change], lines: Sequence[Event], using: str) -> None:
    # It first takes the lock of each row that is still as it was seen, and writes when it has all
    # of them. A locked row changes no more, so that nothing is written by half.
    holds, writes, held = list[_SQL](), list[_SQL](), "TRUE"
    for number, change in enumerate(changes):
        seen = _seen(change, using)
        table = _table(change.model, using)
        lock = f"SELECT 1 FROM {table} WHERE {seen.text} AND {held} FOR NO KEY UPDATE"  # noqa: S608
        holds.append(_SQL(f"held_{number} AS ({lock})", seen.values))
        writes.append(_update(change, seen, using))
        held = f"EXISTS (SELECT 1 FROM held_{number})"  # noqa: S608
    writes += [_insert(line, using) for line in lines]
    parts = [one.text for one in holds]
    parts += [f"written_{n} AS ({one.text} AND {held})" for n, one in enumerate(writes)]
    values = [value for one in (*holds, *writes) for value in one.values]
    with connections[using].cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT {held}", values)
        (is_written,) = cursor.fetchone()
    if not is_written:
        raise ConcurrentUpdate


class _SQL(NamedTuple):
    text: str
    values: list[Any]


@sensitive_variables()
def _seen(change: Change, using: str) -> _SQL:
    return _assigned(change.seen, change.model, " AND ", using)


@sensitive_variables()
def _update(change: Change, seen: _SQL, using: str) -> _SQL:
    table = _table(change.model, using)
    new = _assigned(change.new, change.model, ", ", using)
    # Only names of the models are inserted here.
    text = f"UPDATE {table} SET {new.text} WHERE {seen.text}"  # noqa: S608
    return _SQL(text, [*new.values, *seen.values])


@sensitive_variables()
def _assigned(
    columns: Mapping[str, Any], model: type[models.Model], joined_by: str, using: str
) -> _SQL:
    """Return "column = value" for each column; a condition on None is IS NULL."""
    parts, values, quoted = list[str](), list[Any](), connections[using].ops.quote_name
    for name, value in columns.items():
        field: Any = model._meta.get_field(name)
        if value is None and joined_by == " AND ":
            parts.append(f"{quoted(field.column)} IS NULL")
        else:
            parts.append(f"{quoted(field.column)} = %s")
            values.append(field.get_db_prep_save(value, connections[using]))
    return _SQL(joined_by.join(parts), values)


@sensitive_variables()
def _insert(line: Event, using: str) -> _SQL:
    fields, insert = _inserted(Event, using)
    values = ", ".join(f"CAST(%s AS {field.db_type(connections[using])})" for field in fields)
    return _SQL(f"{insert} SELECT {values} WHERE TRUE", _saved(line, fields, using))


@sensitive_variables()
def replace_codes(user: AbstractBaseUser, rows: Sequence[BackupCode]) -> None:
    """Delete the user's codes, used and unused, and store `rows`.

    The caller holds a transaction, and makes the rows before it: nobody waits for the encryption.
    """
    using = database()
    table = _table(BackupCode, using)
    with connections[using].cursor() as cursor:
        owner = _owner(user, using)
        cursor.execute(f"DELETE FROM {table} WHERE user_id = %s", [owner])  # noqa: S608
        _insert_all(cursor, rows, using)


@sensitive_variables()
def _insert_all(cursor: Any, rows: Sequence[models.Model], using: str) -> None:
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        fields, insert = _inserted(type(batch[0]), using)
        one = f"({', '.join(['%s'] * len(fields))})"
        values = [value for row in batch for value in _saved(row, fields, using)]
        cursor.execute(f"{insert} VALUES {', '.join([one] * len(batch))}", values)


@cache
def _inserted(model: type[models.Model], using: str) -> tuple[Sequence[Any], str]:
    """Return the fields of a new row, and an INSERT up to its values."""
    quoted, every = connections[using].ops.quote_name, model._meta.concrete_fields
    fields: list[Any] = [field for field in every if not isinstance(field, models.AutoField)]
    columns = ", ".join(quoted(field.column) for field in fields)
    return fields, f"INSERT INTO {_table(model, using)} ({columns})"


@sensitive_variables()
def _saved(row: models.Model, fields: Sequence[Any], using: str) -> list[Any]:
    connection = connections[using]
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
