"""SELECTs and DELETEs whose SQL the ORM writes once for each database, and that are sent often.

Joining the tables of a login and naming their columns took the ORM longer than the database takes
to answer (docs/explanation/performance.md). A query set still says what is asked for, and the
models still make the objects of a row; what the ORM finds out about the query set is kept: the SQL,
and which columns become what. UPDATEs and INSERTs are in `statements.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models.sql import DeleteQuery
from django.views.decorators.debug import sensitive_variables

__all__ = ["Given", "Prepared", "PreparedDelete"]

M = TypeVar("M", bound=models.Model)


class Given(models.Expression):
    """Stands in a query set for a value that comes later: one of the field `field` of `model`.

    It is `called` as the field is, unless there are two for one field.
    """

    def __init__(self, model: type[models.Model], field: str, *, called: str = "") -> None:
        super().__init__()
        self.model, self.column_of, self.name = model, field, called or field

    def as_sql(self, *_: object, **__: object) -> tuple[str, tuple[Any, ...]]:
        """Return a placeholder, and in the value's place this object."""
        return "%s", (self,)

    def sent(self, value: object, connection: Any) -> Any:
        """Return `value` as the database takes it."""
        field: Any = self.model._meta.get_field(self.column_of)
        return field.get_db_prep_value(value, connection)


@dataclass(frozen=True, slots=True)
class _Part:
    """How some columns of a row become an object, and those that are joined to it.

    Any: Django has no public names for the parts of a query.
    """

    model: type[models.Model]
    names: tuple[str, ...]
    columns: slice
    key: int
    joined: "Sequence[_Part]"
    keep: Callable[[Any, Any], None]
    keep_back: Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True)
class _Written:
    """What the ORM made of a query set for one database: SQL, and what becomes of a row."""

    sql: str
    parameters: tuple[Any, ...]
    whole: _Part
    annotations: Mapping[str, int]
    converted: Sequence[tuple[int, Any]]


class Prepared(Generic[M]):
    """One SELECT: what `ask` returns, with a `Given` wherever a value is to stand.

    `ask` is first called when the SELECT is first sent, because models may still be loading when
    this object is made.
    """

    def __init__(self, ask: "Callable[[], models.QuerySet[M]]") -> None:
        self._ask = ask
        self._written = cache(self._write)

    def _write(self, using: str, use_tz: bool) -> _Written:  # noqa: FBT001 - a part of the key
        # Which columns are converted depends on the database, and with MySQL on USE_TZ as well.
        connection: Any = connections[using]
        compiler: Any = self._ask().query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        selected = [expression for expression, *_ in compiler.select]
        return _Written(
            sql,
            tuple(parameters),
            _part(compiler.klass_info, selected),
            compiler.annotation_col_map or {},
            [
                (position, expression)
                for position, expression in enumerate(selected)
                if _converters(expression, connection)
            ],
        )

    @sensitive_variables()
    def first(self, using: str, **values: object) -> M | None:
        """Return the first row that the database `using` finds for `values`, or None.

        `values` maps the names of the `Given`s to what they stand for this time.
        """
        written, connection = self._written(using, settings.USE_TZ), connections[using]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, _filled(written.parameters, values, connection))
            row = cursor.fetchone()
        return None if row is None else cast("M | None", _object(written, list(row), using))


class PreparedDelete:
    """One DELETE: of what `ask` returns, with a `Given` wherever a value is to stand.

    It sends no signal and deletes nothing else, so that it is for rows that nothing refers to.
    """

    def __init__(self, ask: "Callable[[], models.QuerySet[Any]]") -> None:
        self._ask = ask
        self._written = cache(self._write)

    def _write(self, using: str) -> tuple[str, Sequence[Any]]:
        query = self._ask().query.chain(DeleteQuery)
        sql, parameters = query.get_compiler(using).as_sql()
        return sql, tuple(parameters)

    @sensitive_variables()
    def __call__(self, using: str, **values: object) -> None:
        """Delete what the database `using` finds for `values`, as `Prepared.first` has them."""
        (sql, parameters), connection = self._written(using), connections[using]
        with transaction.mark_for_rollback_on_error(using), connection.cursor() as cursor:
            cursor.execute(sql, _filled(parameters, values, connection))


@sensitive_variables()
def _filled(
    parameters: Sequence[Any], values: Mapping[str, object], connection: Any
) -> Sequence[Any]:
    """Return `parameters` with `values` where the `Given`s are."""
    return [
        each.sent(values[each.name], connection) if isinstance(each, Given) else each
        for each in parameters
    ]


def _part(info: Mapping[str, Any], selected: Sequence[Any]) -> _Part:
    """Return what `info`, a compiler's `klass_info`, says of the columns that are `selected`."""
    columns, model = info["select_fields"], info["model"]
    names = tuple(selected[column].target.attname for column in columns)
    return _Part(
        model,
        names,
        slice(columns[0], columns[-1] + 1),
        names.index(model._meta.pk.attname),
        [_part(joined, selected) for joined in info.get("related_klass_infos", ())],
        info.get("local_setter", _kept_nowhere),
        info.get("remote_setter", _kept_nowhere),
    )


def _kept_nowhere(_holder: object, _held: object) -> None:
    """Stand for what keeps an object in another one, where there is no other one."""


@sensitive_variables()
def _object(written: _Written, row: list[Any], using: str) -> models.Model | None:
    """Return the object that the ORM would make of `row`, with those that are joined to it."""
    connection = connections[using]
    for position, expression in written.converted:
        for converter in _converters(expression, connection):
            row[position] = converter(row[position], expression, connection)
    found = _made(written.whole, row, using)
    for name, position in written.annotations.items():
        setattr(found, name, row[position])
    return found


@sensitive_variables()
def _made(part: _Part, row: list[Any], using: str) -> models.Model | None:
    values = row[part.columns]
    if values[part.key] is None:  # nothing was there to be joined
        return None
    found = part.model.from_db(using, part.names, values)
    for each in part.joined:
        other = _made(each, row, using)
        each.keep(found, other)
        if other is not None:
            each.keep_back(other, found)
    return found


def _converters(expression: Any, connection: Any) -> list[Callable[[Any, Any, Any], Any]]:
    # Asked for each time: some belong to the connection, and that belongs to a thread.
    found: list[Callable[[Any, Any, Any], Any]] = [
        *connection.ops.get_db_converters(expression),
        *expression.get_db_converters(connection),
    ]
    return found
