"""The context of a request for a job: language, database and, with django-tenants, the schema.

A job runs in another thread or process, where the database or tenant of the request is unknown.
Without it, the wrong user with the same key would get the mail.
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
    """Return the additional arguments of a job, as JSON values."""
    alias = transactions.database()
    schema: str | None = getattr(connections[alias], "schema_name", None)
    return {"language": translation.get_language(), "database": alias, "schema": schema}


def in_context(job: Callable[..., None]) -> Callable[..., None]:
    """Let `job` accept the result of `context`, and run in that context."""

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
