"""What a job takes along of its request: language, database and, with django-tenants, the schema.

A job runs in another thread or process, where nothing says which of a site's databases or tenants
the request was for: users with equal keys would be mailed in each other's place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import Any

from django.db import connections
from django.utils import translation

from ninja_totp import transactions


def context() -> dict[str, str | None]:
    """Return what is handed to a job beside its own arguments. JSON can hold it."""
    alias = transactions.database()
    schema: str | None = getattr(connections[alias], "schema_name", None)
    return {"language": translation.get_language(), "database": alias, "schema": schema}


def in_context(job: Callable[..., None]) -> Callable[..., None]:
    """Have `job` take what `context` returned as well, and run in it."""

    @wraps(job)
    def of_request(
        *,
        language: str | None,
        database: str | None = None,
        schema: str | None = None,
        **arguments: Any,  # Any: those of the job
    ) -> None:
        using = transactions.on_database(database)
        with using, _in_schema(schema), translation.override(language):
            job(**arguments)

    return of_request


@contextmanager
def _in_schema(name: str | None) -> Iterator[None]:
    if name is None:
        yield
        return
    with import_module("django_tenants.utils").schema_context(name):  # whose connection has one
        yield
