"""UPDATEs by which the database decides races, and INSERTs, written once and sent often.

The ORM builds the SQL of each statement anew, which was about half of the CPU of a login
(docs/explanation/performance.md). Only what these statements need is here: columns that are
compared with a value, with several or with NULL, columns that are set to a value or raised by
one, and new rows. SELECTs are in `prepared.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import connections, models, transaction
from django.db.models.constants import OnConflict
from django.views.decorators.debug import sensitive_variables

__all__ = ["ONE_MORE", "OneOf", "Shape", "Swap", "insert", "insertion", "update", "values_of"]

# SQLite takes no more than 32766 values in a statement, and no table of ours has thirty columns.
_ROWS_AT_ONCE = 100

ONE_MORE = object()
"""Stands for the present value of a column, and one."""


class OneOf(tuple[Any, ...]):
    """Values of which a column must hold one. There is at least one."""

    __slots__ = ()


class Shape(NamedTuple):
    """What the SQL of a swap depends on: everything but its values.

    With each column that is changed stands whether it is raised, with each one that is compared
    with how many values.
    """

    model: type[models.Model]
    changed: tuple[tuple[str, bool], ...]
    seen: tuple[tuple[str, int], ...]

    def table(self, using: str) -> str:
        """Return the quoted name of the table."""
        name: str = connections[using].ops.quote_name(self.model._meta.db_table)
        return name

    def assignments(self, using: str) -> str:
        """Return what stands behind SET."""
        named = ((self._column(name, using), raised) for name, raised in self.changed)
        return ", ".join(
            f"{column} = {column} + 1" if raised else f"{column} = %s" for column, raised in named
        )

    def conditions(self, using: str) -> str:
        """Return what stands behind WHERE."""
        return " AND ".join(self._column(name, using) + _comparison(n) for name, n in self.seen)

    def _column(self, name: str, using: str) -> str:
        quoted: str = connections[using].ops.quote_name(_field(self.model, name).column)
        return quoted


@dataclass(frozen=True, slots=True, repr=False)
class Swap:
    """What is written into the rows of `model` that are as `seen`.

    `seen` and `changes` map names of fields to values.
    """

    model: type[models.Model]
    seen: Mapping[str, Any]
    changes: Mapping[str, Any]

    @property
    def shape(self) -> Shape:
        """What its SQL depends on."""
        return Shape(
            self.model,
            tuple((name, value is ONE_MORE) for name, value in self.changes.items()),
            tuple((name, len(_compared(value))) for name, value in self.seen.items()),
        )

    @sensitive_variables()
    def assigned(self, using: str) -> list[Any]:
        """Return the values for `Shape.assignments`, as the database takes them."""
        connection = connections[using]
        return [
            _field(self.model, name).get_db_prep_save(value, connection)
            for name, value in self.changes.items()
            if value is not ONE_MORE
        ]

    @sensitive_variables()
    def compared(self, using: str) -> list[Any]:
        """Return the values for `Shape.conditions`, as the database takes them."""
        connection = connections[using]
        return [
            _field(self.model, name).get_db_prep_value(each, connection)
            for name, value in self.seen.items()
            for each in _compared(value)
        ]


@sensitive_variables()
def update(swap: Swap, using: str) -> int:
    """Do what `swap` says, and return in how many rows. Sends no signal, like `QuerySet.update`."""
    parameters = swap.assigned(using) + swap.compared(using)
    return _changed_rows(using, _update(swap.shape, using), parameters)


@lru_cache(maxsize=256)
def _update(shape: Shape, using: str) -> str:
    # Names alone come in here, and they are those of the models.
    return (
        f"UPDATE {shape.table(using)} SET {shape.assignments(using)} "  # noqa: S608
        f"WHERE {shape.conditions(using)}"
    )


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
    beginning, values, ending = insertion(type(rows[0]), using, skip_present)
    parameters = [value for row in rows for value in values_of(row, using)]
    sql = f"{beginning} VALUES {', '.join([f'({values})'] * len(rows))} {ending}".strip()
    return _changed_rows(using, sql, parameters)


@sensitive_variables()
def values_of(row: models.Model, using: str) -> list[Any]:
    """Return the values of a new row for `insertion`, as the database takes them."""
    connection = connections[using]
    return [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in _stored(type(row))
    ]


@sensitive_variables()
def _changed_rows(using: str, sql: str, parameters: list[Any]) -> int:
    connection = connections[using]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: int = cursor.rowcount
    return rows


@lru_cache(maxsize=64)
def insertion(
    model: type[models.Model],
    using: str,
    skip_present: bool = False,  # noqa: FBT001, FBT002 - a part of the key
) -> tuple[str, str, str]:
    """Return how an INSERT into the table of `model` begins, a row's values, and how it ends."""
    fields, ops = _stored(model), connections[using].ops
    on_conflict = OnConflict.IGNORE if skip_present else None
    columns = ", ".join(ops.quote_name(field.column) for field in fields)
    table = ops.quote_name(model._meta.db_table)
    ending = ops.on_conflict_suffix_sql(fields, on_conflict, [], [])
    values = ", ".join(["%s"] * len(fields))
    return f"{ops.insert_statement(on_conflict)} {table} ({columns})", values, ending


@cache
def _stored(model: type[models.Model]) -> tuple[Any, ...]:
    fields = model._meta.concrete_fields
    return tuple(field for field in fields if not isinstance(field, models.AutoField))


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _compared(value: Any) -> OneOf:
    """Return what is compared with a column that is seen as `value`: nothing, where it is NULL."""
    return value if isinstance(value, OneOf) else OneOf(() if value is None else (value,))


def _comparison(count: int) -> str:
    if count == 0:
        return " IS NULL"
    return " = %s" if count == 1 else f" IN ({', '.join(['%s'] * count)})"
