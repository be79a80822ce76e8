"""How a source reaches the tables of the package it reads. It imports none of its modules.

Apps are found by their package, since several of them share the label "mfa". Rows are read from
the database that the package writes to, never from a replica that may lag behind.
"""

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.apps import apps
from django.db import router
from django.db.models import Model, QuerySet

from ninja_totp.importers.found import Found, ImportedFactor, Refused

P = ParamSpec("P")

# What it raises to read a row that is damaged, or whose JSON has another shape than was expected.
_DAMAGED = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


class SourceMissing(Exception):
    """The package is not in INSTALLED_APPS, so that its tables cannot be read."""


def _itself(owner: Any) -> Any:
    return owner


@dataclass(frozen=True, slots=True)
class Source:
    """One package that users can come from.

    `owners` names everybody who has something there; `factors` tells, for some of these names,
    what. `remark` is what holds for all of its users and is said once. `user_pk_of` tells the
    primary key of the user that a name stands for, where it is not that.
    """

    name: str
    title: str
    owners: Callable[[], Sequence[Any]]
    factors: Callable[[Sequence[Any]], Iterator[Found]]
    remark: str = ""
    user_pk_of: Callable[[Any], Any] = _itself


def model_of(package: str, name: str) -> type[Model]:
    """Return the model `name` of the installed app in `package`. Raises SourceMissing."""
    for config in apps.get_app_configs():
        if config.name == package and name.lower() in config.models:
            return config.get_model(name)
    raise SourceMissing(f'INSTALLED_APPS has no "{package}" with a model {name}.')


def has_model(package: str, name: str) -> bool:
    """Return whether `model_of` would find a model."""
    try:
        model_of(package, name)
    except SourceMissing:
        return False
    return True


def rows(model: type[Model]) -> QuerySet[Any]:
    """Return all rows of `model`, past any manager that hides some."""
    return model._base_manager.using(router.db_for_write(model))  # noqa: SLF001 (Django's own API)


def owners_of(*querysets: QuerySet[Any]) -> list[Any]:
    """Return the primary keys of the users who own rows in `querysets`, each once, in order."""
    return sorted({pk for rows in querysets for pk in rows.values_list("user_id", flat=True)})


def by(key: str, found: Iterable[Any]) -> dict[Any, list[Any]]:
    """Return the rows grouped by their attribute `key`, an empty list for an unknown one."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in found:
        groups[getattr(row, key)].append(row)
    return groups


def found_by(source: Source, owners: Sequence[Any]) -> list[Found]:
    """Return what `source` finds of `owners`. Whose rows cannot be read is Refused.

    A damaged row does not stop the import of other users.
    """
    try:
        return list(source.factors(owners))
    except _DAMAGED:
        return [found for owner in owners for found in _found_of(source, owner)]


def _found_of(source: Source, owner: Any) -> list[Found]:
    try:
        return list(source.factors([owner]))
    except _DAMAGED as error:
        # Kind and place, and not the sentence, which may quote the row. When it is the same for
        # everybody, a setting or another version of the package is the cause.
        where = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).is_relative_to(Path(__file__).parent)
        ][-1]
        what = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
        return [Refused(source.user_pk_of(owner), f"rows of a shape that is not known ({what})")]


def losing_damaged_codes(
    add: Callable[Concatenate[ImportedFactor, P], ImportedFactor],
) -> Callable[Concatenate[ImportedFactor, P], ImportedFactor]:
    """Have `add`, which gives a factor its codes, leave it without and say so where it fails.

    An authenticator matters more than its backup codes, which can be created again.
    """

    @wraps(add)
    def added(factor: ImportedFactor, /, *args: P.args, **kwargs: P.kwargs) -> ImportedFactor:
        try:
            return add(factor, *args, **kwargs)
        except _DAMAGED as error:
            note = f"backup codes in rows of a shape that is not known ({type(error).__name__})"
            return replace(factor, lost_codes=(*factor.lost_codes, note))

    return added


def as_list(value: Any) -> list[Any]:
    """Return `value` of a document of JSON, if it is a list.

    TypeError for anything else, since a text and an object can be gone through as well.
    """
    if not isinstance(value, list):
        raise TypeError("A list was expected.")
    return value
