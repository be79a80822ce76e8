"""UPDATEs by which the database decides races, written once and sent often.

The ORM builds the SQL of each UPDATE anew, which was about half of the CPU of a login
(docs/explanation/performance.md). Only what these statements need is here: columns that are
compared with a value, with several or with NULL, and columns that are set to a value or raised by
one. SELECTs are in `prepared.py`.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import connections, models, transaction
from django.views.decorators.debug import sensitive_variables

__all__ = ["ONE_MORE", "OneOf", "update"]

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
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: int = cursor.rowcount
    return rows


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
