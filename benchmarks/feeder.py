"""The process that seeds one contender's database and prepares its requests.

It reads one JSON command a line and answers with one line, so that the measuring process needs
no Django and each contender keeps its own settings. It never runs while a round is measured.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.stacks import Call, Stack, load_stack

__all__ = ["main", "recreate_database"]


def recreate_database() -> None:
    """Make the database of this process anew, and migrate it."""
    from django.conf import settings
    from django.core.management import call_command

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        for suffix in ("", "-wal", "-shm"):
            Path(database["NAME"] + suffix).unlink(missing_ok=True)
    else:
        _recreate_postgres(database)
    call_command("migrate", verbosity=0)


def _recreate_postgres(database: dict[str, Any]) -> None:
    import psycopg
    from psycopg import sql

    name = sql.Identifier(database["NAME"])
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _send(call: Call) -> Any:
    from django.test import Client

    client = Client(headers={})
    content_type = "application/json" if call.body else ""
    return client.generic(call.method, call.path, call.body, content_type, headers=call.headers)


def _statements(call: Call) -> list[str]:
    """Return the SQL statements of one call, BEGIN and COMMIT among them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    connection.ensure_connection()
    with CaptureQueriesContext(connection) as captured:
        answer = _send(call)
    if answer.status_code != call.expected:
        raise ValueError(f"{call.path} answered {answer.status_code}: {answer.content[:300]!r}")
    return [query["sql"] for query in captured.captured_queries]


def _obey(stack: Stack, command: dict[str, Any]) -> Any:
    match command["do"]:
        case "seed":
            recreate_database()
            stack.seed(command["users"])
            _analyse()
            return None
        case "prepare":
            return [asdict(call) for call in stack.prepare(command["case"], command["count"])]
        case "statements":
            calls = stack.prepare(command["case"], 2)
            _statements(calls[0])  # the first call loads what is loaded once
            return _statements(calls[1])
    raise ValueError(command["do"])


def main() -> None:
    """Obey commands until the input ends."""
    import django

    # The answers go to the real stdout; whatever else prints goes to stderr.
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    stack = load_stack(os.environ["BENCH_STACK"])
    for line in sys.stdin:
        print(json.dumps(_obey(stack, json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
