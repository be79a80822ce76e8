"""UPDATEs by which the database decides races, written once and sent often.

The ORM builds the SQL of each UPDATE anew, which was about half of the CPU of a login
(docs/explanation/performance.md). Only what these statements need is here: columns that are
compared with a value or with NULL, and columns that are set to a value or raised by one.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import connections, models, transaction
from django.views.decorators.debug import sensitive_variables

__all__ = ["ONE_MORE", "update"]

ONE_MORE = object()
"""Stands for the present value of a column, and one."""


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
        tuple((name, value is None) for name, value in seen.items()),
    )
    parameters = [
        _field(model, name).get_db_prep_save(value, connection)
        for name, value in changes.items()
        if value is not ONE_MORE
    ] + [
        _field(model, name).get_db_prep_value(value, connection)
        for name, value in seen.items()
        if value is not None
    ]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: int = cursor.rowcount
    return rows


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


@lru_cache(maxsize=256)
def _sql(
    model: type[models.Model],
    using: str,
    changes: tuple[tuple[str, bool], ...],
    seen: tuple[tuple[str, bool], ...],
) -> str:
    quote = connections[using].ops.quote_name

    def column(name: str) -> str:
        quoted: str = quote(_field(model, name).column)
        return quoted

    assignments = ", ".join(
        f"{column(name)} = {column(name)} + 1" if raised else f"{column(name)} = %s"
        for name, raised in changes
    )
    conditions = " AND ".join(
        f"{column(name)} IS NULL" if is_null else f"{column(name)} = %s" for name, is_null in seen
    )
    # Names alone come in here, and they are those of the models.
    return f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {conditions}"  # noqa: S608
