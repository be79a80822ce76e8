"""Would the services be faster as coroutines over django-async-backend, and would they be as safe?

One use case of three statements in a transaction, 16 at a time: a thread hop with Django's pool
against the coroutine. Then: what is left of a charge whose task is cancelled before its commit,
as it happens when a client hangs up. Needs Python 3.12 or newer, PostgreSQL (libpq's variables name
it) and nothing of this package:

    pip install "django-async-backend[binary,pool]"
    createdb totp_async
    PGDATABASE=totp_async python benchmarks/async_backend.py
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django_async_backend"],
    DATABASES={
        "default": {
            "ENGINE": "django_async_backend.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "OPTIONS": {"pool": {"min_size": 2, "max_size": 8}},
        }
    },
)

import django  # noqa: E402

django.setup()

from django.db import connection, transaction  # noqa: E402
from django_async_backend.db import async_connections  # noqa: E402
from django_async_backend.db.transaction import async_atomic  # noqa: E402

TIMES, AT_ONCE, ROUNDS = 1600, 16, 3
TABLES = """
DROP TABLE IF EXISTS factor; DROP TABLE IF EXISTS event;
CREATE TABLE factor (id int PRIMARY KEY, version int NOT NULL);
CREATE TABLE event (id serial PRIMARY KEY, factor int NOT NULL);
INSERT INTO factor SELECT number, 0 FROM generate_series(0, 99) number;
"""
READ = "SELECT version FROM factor WHERE id = %s"
SWAP = "UPDATE factor SET version = version + 1 WHERE id = %s AND version = %s"
NOTE = "INSERT INTO event (factor) VALUES (%s)"
CHARGE = "UPDATE factor SET version = 1000 WHERE id = %s"
CHARGED = "SELECT version = 1000 FROM factor WHERE id = %s"


def prepare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    connection.close()


def judge(pk: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(READ, [pk])
        (version,) = cursor.fetchone()
        cursor.execute(SWAP, [pk, version])
        cursor.execute(NOTE, [pk])
    connection.close()  # back to the pool, as at the end of a request


async def judge_as_a_coroutine(pk: int) -> None:
    own = async_connections["default"]
    async with async_atomic(), await own.cursor() as cursor:
        await cursor.execute(READ, [pk])
        (version,) = await cursor.fetchone()
        await cursor.execute(SWAP, [pk, version])
        await cursor.execute(NOTE, [pk])
    await own.close()


def charge(pk: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CHARGE, [pk])
        time.sleep(0.2)  # the code is being judged
    connection.close()


async def charge_as_a_coroutine(pk: int) -> None:
    own = async_connections["default"]
    async with async_atomic(), await own.cursor() as cursor:
        await cursor.execute(CHARGE, [pk])
        await asyncio.sleep(0.2)
    await own.close()


def is_charged(pk: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(CHARGED, [pk])
        (charged,) = cursor.fetchone()
    connection.close()
    return bool(charged)


async def measure(one: Callable[[int], Awaitable[None]]) -> tuple[float, float]:
    """Return how many a second, and the microseconds of CPU of this process for each."""
    numbers = iter(range(TIMES))

    async def caller() -> None:
        for number in numbers:
            await one(number % 100)

    started_at, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(asyncio.create_task(caller()) for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - started_at
    return TIMES / seconds, (time.process_time() - cpu) / TIMES * 1e6


async def survives(charging: Awaitable[None], pk: int, in_hop: partial) -> bool:
    """Whether a charge is there although its task was cancelled in the middle of it."""
    task = asyncio.ensure_future(charging)
    await asyncio.sleep(0.1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.4)
    return await in_hop(is_charged, pk)


async def main() -> None:
    """Print one table and stop."""
    in_hop = partial(asyncio.get_running_loop().run_in_executor, ThreadPoolExecutor(8))
    await in_hop(prepare)
    ways = {"hop": partial(in_hop, judge), "coroutine": judge_as_a_coroutine}
    results = {way: [await measure(one) for _ in range(ROUNDS)] for way, one in ways.items()}
    kept = {
        "hop": await survives(in_hop(charge, 7), 7, in_hop),
        "coroutine": await survives(charge_as_a_coroutine(8), 8, in_hop),
    }
    print(f"{'':12}{'a second':>20}{'us of CPU':>20}   charge kept when cancelled")
    for way, rounds in results.items():
        rates, cpu = zip(*rounds, strict=True)
        print(
            f"{way:12}{min(rates):9.0f} to {max(rates):7.0f}{min(cpu):9.0f} to {max(cpu):7.0f}"
            f"   {'yes' if kept[way] else 'NO'}"
        )


if __name__ == "__main__":
    asyncio.run(main())
