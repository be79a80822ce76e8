"""UPDATEs by which the database decides races, and INSERTs, written once and sent often.

The ORM builds the SQL of each statement anew, which was about half of the CPU of a login
(docs/explanation/performance.md). Only what these statements need is here: columns that are
compared with a value, with several or with NULL, columns that are set to a value or raised by
one, and new rows. SELECTs are in `prepared.py`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connections, models, transaction
from django.db.models.constants import OnConflict
from django.views.decorators.debug import sensitive_variables

__all__ = ["ONE_MORE", "OneOf", "insert", "update"]

# SQLite takes no more than 32766 values in a statement, and no table of ours has thirty columns.
_ROWS_AT_ONCE = 100

ONE_MORE = object()
"""Stands for the present value of a column, and one."""


class OneOf(tuple[Any, ...]):
    """Values of which a column must hold one. There is at least one."""

    __slots__ = ()


@sensitive_variables()
def update(
    model: type[models.Model], using: str, seen: Mapping[str, Any], changes: Mapping[str, Any]
) -> int:
    """Write `changes` into the rows of `model` that are as `seen`, and return their number.

    Both map names of fields to values. Sends no signal, like `QuerySet.update`.
    """
    connection = connections[using]
    sql = _sql(
        model,
        using,
        tuple((name, value is ONE_MORE) for name, value in changes.items()),
        tuple((name, len(_compared(value))) for name, value in seen.items()),
    )
    parameters = [
        _field(model, name).get_db_prep_save(value, connection)
        for name, value in changes.items()
        if value is not ONE_MORE
    ] + [
        _field(model, name).get_db_prep_value(each, connection)
        for name, value in seen.items()
        for each in _compared(value)
    ]
    return _changed_rows(using, sql, parameters)


@sensitive_variables()
def insert(rows: Sequence[models.Model], using: str, *, skip_present: bool = False) -> int:
    """Store `rows`, new objects of one model, and return how many were stored.

    With `skip_present`, a row whose key is taken is left out; otherwise that is an IntegrityError.
    Sends no signal and tells no object its key, like `bulk_create`. More than a hundred rows need
    a transaction of the caller's.
    """
    batches = [rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE)]
    return sum(_insert_at_once(batch, using, skip_present=skip_present) for batch in batches)


@sensitive_variables()
def _insert_at_once(rows: Sequence[models.Model], using: str, *, skip_present: bool) -> int:
    connection, model = connections[using], type(rows[0])
    fields, sql = _insertion(model, using, len(rows), skip_present)
    parameters = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in fields
    ]
    return _changed_rows(using, sql, parameters)


@sensitive_variables()
def _changed_rows(using: str, sql: str, parameters: list[Any]) -> int:
    connection = connections[using]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: int = cursor.rowcount
    return rows


@lru_cache(maxsize=64)
def _insertion(
    model: type[models.Model],
    using: str,
    rows: int,
    skip_present: bool,  # noqa: FBT001 - a part of the key
) -> tuple[tuple[Any, ...], str]:
    """Return the fields that an INSERT of `rows` rows fills, and its SQL."""
    fields = tuple(f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField))
    ops: Any = connections[using].ops
    on_conflict = OnConflict.IGNORE if skip_present else None
    columns = ", ".join(ops.quote_name(field.column) for field in fields)
    values = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    ending = ops.on_conflict_suffix_sql(fields, on_conflict, [], [])
    beginning = f"{ops.insert_statement(on_conflict)} {ops.quote_name(model._meta.db_table)}"
    return fields, f"{beginning} ({columns}) VALUES {values} {ending}".strip()


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _compared(value: Any) -> OneOf:
    """Return what is compared with a column that is seen as `value`: nothing, where it is NULL."""
    return value if isinstance(value, OneOf) else OneOf(() if value is None else (value,))


@lru_cache(maxsize=256)
def _sql(
    model: type[models.Model],
    using: str,
    changes: tuple[tuple[str, bool], ...],
    seen: tuple[tuple[str, int], ...],
) -> str:
    quote = connections[using].ops.quote_name

    def column(name: str) -> str:
        quoted: str = quote(_field(model, name).column)
        return quoted

    assignments = ", ".join(
        f"{column(name)} = {column(name)} + 1" if raised else f"{column(name)} = %s"
        for name, raised in changes
    )
    conditions = " AND ".join(column(name) + _comparison(count) for name, count in seen)
    # Names alone come in here, and they are those of the models.
    return f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {conditions}"  # noqa: S608


def _comparison(count: int) -> str:
    if count == 0:
        return " IS NULL"
    return " = %s" if count == 1 else f" IN ({', '.join(['%s'] * count)})"
