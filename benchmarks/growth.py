"""Does a verification cost more when a million users are enrolled, and how much is stored?

Rows are made inside PostgreSQL by INSERT ... SELECT with every index in place, as they would have
come one by one; only the foreign keys' triggers are switched off. A sample of users, spread over
the whole table, is then sealed for real and measured, interleaved with nothing: wall time and CPU
time are both given.
"""

import random
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks.apart import answer
from benchmarks.feeder import recreate_database
from benchmarks.stacks import current_code

__all__ = ["growth"]

_SAMPLE = 300
_CODES = 10

_USERS = """
INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff,
                       is_active, date_joined)
SELECT 'md5$x', false, 'user' || n, '', '', '', false, true, now()
FROM generate_series(%s::bigint, %s::bigint) n
"""
_ROWS = """
INSERT INTO {table} ({columns})
SELECT {values} FROM auth_user u CROSS JOIN (SELECT * FROM {table} WHERE {owner} = %s) t
WHERE u.id > %s
"""
_NEXT_ID = "nextval(pg_get_serial_sequence('ninja_totp_authenticator', 'id'))"
_BACKUP_CODES = """
INSERT INTO ninja_totp_backupcode ({columns})
SELECT {values} FROM auth_user u CROSS JOIN generate_series(1, %s) n
CROSS JOIN (SELECT * FROM ninja_totp_backupcode WHERE user_id = %s LIMIT 1) t WHERE u.id > %s
"""


def _sql(statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall()) if cursor.description else []


def _copying(statement: str, model: Any, **other: str) -> str:
    """Fill in the columns of `model`: those of the template row `t` but for `other`."""
    columns = [field.column for field in model._meta.concrete_fields]
    values = [other.get(column, f't."{column}"') for column in columns]
    return statement.format(
        table=model._meta.db_table,
        columns=", ".join(f'"{column}"' for column in columns),
        values=", ".join(values),
        owner=next(iter(other)),
    )


def _template() -> int:
    """Enrol one user by our own code; every bulk row is a copy of that one's rows."""
    from benchmarks.stacks.ninja_totp import store_factors
    from ninja_totp.services import store_backup_codes

    _sql(_USERS, 1, 1)
    owner = _user_objects().get(username="user1")
    store_factors([owner])
    from ninja_totp.core.backup_codes import new_codes

    store_backup_codes(owner, new_codes(_CODES))
    return int(owner.pk)


def _user_objects() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects


def _grow_to(size: int, template: int) -> None:
    from ninja_totp.models import Account, Authenticator, BackupCode

    last = int(_sql("SELECT max(id) FROM auth_user")[0][0])
    present = int(_sql("SELECT count(*) FROM auth_user")[0][0])
    _sql("SET session_replication_role = replica")
    _sql(_USERS, present + 1, size)
    _sql(_copying(_ROWS, Account, user_id="u.id"), template, last)
    _sql(_copying(_ROWS, Authenticator, account_id="u.id", id=_NEXT_ID), template, last)
    codes = _copying(_BACKUP_CODES, BackupCode, user_id="u.id", fingerprint="gen_random_uuid()")
    _sql(codes, _CODES, template, last)
    _sql("SET session_replication_role = DEFAULT")


def _sample() -> list[Any]:
    from benchmarks.stacks.ninja_totp import sealed
    from ninja_totp.models import Authenticator

    keys = [row[0] for row in _sql("SELECT id FROM auth_user ORDER BY random() LIMIT %s", _SAMPLE)]
    owners = list(_user_objects().filter(pk__in=keys))
    for owner in owners:
        Authenticator.objects.filter(account=owner.pk).update(**sealed(owner.pk))
    return owners


def _timed(calls: Sequence[tuple[Any, ...]], use_case: Any) -> dict[str, float]:
    walls, started = [], process_time()
    for arguments in calls:
        before = perf_counter()
        use_case(*arguments)
        walls.append(perf_counter() - before)
    return {
        "wall_us": median(walls) * 1e6,
        "cpu_us": (process_time() - started) / len(calls) * 1e6,
    }


def _verified(owners: Sequence[Any]) -> dict[str, float]:
    from ninja_totp.models import Authenticator
    from ninja_totp.services import Proof, complete_login, generate_challenge_token

    rows = []
    for _ in range(3):
        Authenticator.objects.filter(last_step__gt=0).update(last_step=0)
        proof = Proof(otp_code=current_code())
        calls = [(generate_challenge_token(owner), proof) for owner in owners]
        rows.append(_timed(calls, complete_login))
    return {key: median(row[key] for row in rows) for key in rows[0]}


def _bytes_per_user(size: int) -> float:
    tables = ("ninja_totp_account", "ninja_totp_authenticator", "ninja_totp_backupcode")
    stored = sum(_sql("SELECT pg_total_relation_size(%s)", table)[0][0] for table in tables)
    return float(stored) / size


def _backup_codes_by_number(owners: Sequence[Any]) -> dict[str, float]:
    """Return the wall time of a backup code of users who have 10 and users who have 100."""
    from benchmarks.stacks.ninja_totp import plain_codes
    from ninja_totp.core.backup_codes import new_codes
    from ninja_totp.services import store_backup_codes, verify_backup_code

    half = len(owners) // 2
    groups = {10: owners[:half], 100: owners[half:]}
    for number, group in groups.items():
        for owner in group:
            store_backup_codes(owner, new_codes(number))
    taken: dict[int, list[float]] = {10: [], 100: []}
    for _ in range(5):
        for number, group in groups.items():
            calls = plain_codes(group)
            taken[number].append(_timed(calls, verify_backup_code)["wall_us"])
    return {str(number): median(times) for number, times in taken.items()}


def growth(sizes: Sequence[int]) -> dict[str, Any]:
    """Return a row for each number of enrolled users, and the cost of one code of 10 and of 100."""
    recreate_database()
    random.seed(1)
    template, rows = _template(), []
    by_number: dict[str, float] = {}
    for size in sizes:
        _grow_to(size, template)
        stored = _bytes_per_user(size)
        owners = _sample()
        _sql("VACUUM ANALYZE")
        _verified(owners[:50])  # warms the caches
        rows.append({"users": size, "bytes_per_user": stored, **_verified(owners)})
        print(rows[-1], file=sys.stderr, flush=True)
        by_number = by_number or _backup_codes_by_number(owners)
    return {"sizes": rows, "codes": by_number}


if __name__ == "__main__":
    answer(lambda: growth([int(size) for size in sys.argv[1:]]))
