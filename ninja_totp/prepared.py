"""SELECTs whose SQL the ORM writes once for each database, and that are sent often.

Joining the tables of a login and naming their columns took the ORM longer than the database takes
to answer (docs/explanation/performance.md). A query set still says what is asked for, and the ORM
still makes the objects; only the SQL is kept, and with it the names of the tables. UPDATEs are in
`statements.py`.
"""

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.views.decorators.debug import sensitive_variables

__all__ = ["Given", "Prepared"]

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


class Prepared(Generic[M]):
    """One SELECT: what `ask` returns, with a `Given` wherever a value is to stand.

    `ask` is first called when the SELECT is first sent, because models may still be loading when
    this object is made.
    """

    def __init__(self, ask: "Callable[[], models.QuerySet[M]]") -> None:
        self._ask = ask
        self._rows = cache(lambda using: ask().using(using))
        self._compiled = cache(self._compile)

    def _compile(self, using: str) -> tuple[Any, str, tuple[Any, ...]]:  # Any: a SQLCompiler
        # Of a query set of its own: compiling changes it, and another thread may be here as well.
        compiler: Any = self._ask().query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        compiler.connection = None  # it belongs to this thread
        return compiler, sql, tuple(parameters)

    @sensitive_variables()
    def first(self, using: str, **values: object) -> M | None:
        """Return the first row that the database `using` finds for `values`, or None.

        `values` maps the names of the `Given`s to what they stand for this time.
        """
        compiled, sql, parameters = self._compiled(using)
        compiler, connection = copy(compiled), connections[using]
        filled = tuple(
            each.sent(values[each.name], connection) if isinstance(each, Given) else each
            for each in parameters
        )
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (sql, filled)
        rows: Any = self._rows(using).all()
        rows.query.get_compiler = lambda *_, **__: compiler
        return next(iter(rows), None)
