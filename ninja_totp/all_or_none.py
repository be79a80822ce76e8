"""Several rows written as they were read, or none of them: the end of every login.

Where the database can, that is one statement and so one trip instead of five. PostgreSQL can, by
WITH: it first takes the lock of each row that is still as it was seen, and writes when it has all
of them. A row that is locked is not lost any more, so that nothing is written by half; and a
statement is a transaction of its own (docs/explanation/performance.md).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from django.db import connections, models, transaction
from django.views.decorators.debug import sensitive_variables

from ninja_totp.statements import Shape, Swap, insert, insertion, update, values_of

__all__ = ["write_all"]


@sensitive_variables()
def write_all(
    swaps: Sequence[Swap],
    using: str,
    *,
    rows: Sequence[models.Model] = (),
    then: Callable[[], object] | None = None,
) -> int:
    """Do all of `swaps`, of one row each, and store new `rows` of a model; or do nothing at all.

    Returns how many rows were as they were seen, up to the first that was not: everything is
    written if that is as many as `swaps`. `then` runs when they are, in the same transaction. Rows
    are locked in the order of `swaps`.
    """
    if then is None and not rows and len(swaps) == 1:
        return update(swaps[0], using)
    # More rows than one would be stored in no certain order.
    if then is None and len(rows) < 2 and connections[using].vendor == "postgresql":
        return _in_one_statement(swaps, rows, using)
    return _in_a_transaction(swaps, rows, then, using)


def _in_a_transaction(
    swaps: Sequence[Swap],
    rows: Sequence[models.Model],
    then: Callable[[], object] | None,
    using: str,
) -> int:
    with transaction.atomic(using=using):
        for number, swap in enumerate(swaps):
            if update(swap, using) != 1:
                transaction.set_rollback(True, using=using)
                return number
        if then is not None:
            then()
        if rows:
            insert(rows, using)
    return len(swaps)


@sensitive_variables()
def _in_one_statement(swaps: Sequence[Swap], rows: Sequence[models.Model], using: str) -> int:
    seen = [swap.compared(using) for swap in swaps]
    written = [[*swap.assigned(using), *seen[at]] for at, swap in enumerate(swaps)]
    stored = [values_of(row, using) for row in rows]
    parameters = [value for values in seen + written + stored for value in values]
    sql = _statement(tuple(swap.shape for swap in swaps), tuple(map(type, rows)), using)
    with transaction.mark_for_rollback_on_error(using), connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        (found,) = cursor.fetchone()
    return int(found)


@lru_cache(maxsize=128)
def _statement(
    shapes: tuple[Shape, ...], stored: tuple[type[models.Model], ...], using: str
) -> str:
    # Names alone come in here, and they are those of the models.
    parts, held = list[str](), list[str]()
    for number, shape in enumerate(shapes):
        conditions = " AND ".join([shape.conditions(using), *held[-1:]])
        parts.append(
            f"held_{number} AS (SELECT 1 FROM {shape.table(using)} "  # noqa: S608
            f"WHERE {conditions} FOR NO KEY UPDATE)"
        )
        held.append(f"EXISTS (SELECT 1 FROM held_{number})")  # noqa: S608
    for number, shape in enumerate(shapes):
        parts.append(
            f"written_{number} AS (UPDATE {shape.table(using)} SET {shape.assignments(using)} "  # noqa: S608
            f"WHERE {shape.conditions(using)} AND {held[-1]})"
        )
    for model in stored:
        beginning, values, _ = insertion(model, using)
        parts.append(f"stored AS ({beginning} SELECT {values} WHERE {held[-1]})")
    return f"WITH {', '.join(parts)} SELECT {' + '.join(f'{one}::int' for one in held)}"
