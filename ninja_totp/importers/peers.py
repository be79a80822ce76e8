"""How a source reaches the tables of the package it reads. It imports none of its modules.

Apps are found by their package, since several of them share the label "mfa". Rows are read from
the database that the package writes to, never from a replica that may lag behind.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import router
from django.db.models import Model, QuerySet

from ninja_totp.importers.found import Found, Refused

__all__ = [
    "Source",
    "SourceMissing",
    "by",
    "has_model",
    "model_of",
    "owners_of",
    "read_each",
    "rows",
]

# What it raises to read JSON of another shape than was expected.
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


class SourceMissing(Exception):
    """The package is not in INSTALLED_APPS, so that its tables cannot be read."""


@dataclass(frozen=True, slots=True)
class Source:
    """One package that users can come from.

    `owners` names everybody who has something there; `factors` tells, for some of these names,
    what. `remark` is what holds for all of its users and is said once.
    """

    name: str
    title: str
    owners: Callable[[], Sequence[Any]]
    factors: Callable[[Sequence[Any]], Iterator[Found]]
    remark: str = ""


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


def read_each(owners: Iterable[Any], read: Callable[[Any], Found]) -> Iterator[Found]:
    """Yield what `read` finds for each of `owners`, for packages that keep their factors in JSON.

    Who has rows of another shape is Refused: one row that somebody edited keeps nobody else from
    being carried over.
    """
    for owner in owners:
        try:
            found = read(owner)
        except _MALFORMED as error:
            # The kind alone: the sentence may quote the row.
            found = Refused(owner, f"rows of a shape that is not known ({type(error).__name__})")
        yield found
