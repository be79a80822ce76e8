"""What does a use case cost without HTTP: called directly, and awaited in one hop?

CPU microseconds of this process and SQL statements for each call, on PostgreSQL. The hop is the
one of a coroutine outside a request; inside an ASGI request Django adds a new thread to it.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Any

from benchmarks.apart import answer
from benchmarks.feeder import recreate_database
from benchmarks.stacks import current_code
from benchmarks.stacks.ninja_totp import challenged, forget_fresh, load, plain_codes

__all__ = ["costs"]

_ROUNDS = 5

Prepare = Callable[[int], Sequence[tuple[Any, ...]]]


def _use_cases() -> dict[str, tuple[str, Prepare]]:
    """Return for each name the function in `ninja_totp.services` and what prepares its calls."""
    from benchmarks.stacks import users as people
    from ninja_totp.services import Proof

    def second_steps(count: int) -> list[tuple[Any, ...]]:
        proof = Proof(otp_code=current_code())
        return [(token, proof) for _, token in challenged(count)]

    def with_codes(count: int) -> list[tuple[Any, ...]]:
        code = current_code()
        return [(user, code) for user, _ in challenged(count)]

    def fresh(count: int) -> list[tuple[Any, ...]]:
        forget_fresh()
        return [(user,) for user in people.fresh(count)]

    def enrolled(count: int) -> list[tuple[Any, ...]]:
        return [(user,) for user in people.enrolled(count)]

    return {
        "complete a login with a code": ("complete_login", second_steps),
        "verify a code": ("verify_totp_code", with_codes),
        "verify a backup code": ("verify_backup_code", lambda n: plain_codes(people.enrolled(n))),
        "open a challenge": ("generate_challenge_token", enrolled),
        "create (without its QR code)": ("create_totp_setup", fresh),
        "status": ("totp_status", enrolled),
        "is enabled?": ("is_totp_enabled", enrolled),
    }


def _direct(name: str, calls: Sequence[tuple[Any, ...]]) -> float:
    from ninja_totp import services

    return _spent(getattr(services, name), calls)


def _spent(use_case: Callable[..., object], calls: Sequence[tuple[Any, ...]]) -> float:
    started = process_time()
    for arguments in calls:
        use_case(*arguments)
    return (process_time() - started) / len(calls) * 1e6


def _awaited(name: str, calls: Sequence[tuple[Any, ...]]) -> float:
    from ninja_totp import services

    twin = getattr(services, f"a{name}")

    async def all_of_them() -> float:
        await twin(*calls[0])  # starts the thread and its connection
        started = process_time()
        for arguments in calls[1:]:
            await twin(*arguments)
        return (process_time() - started) / (len(calls) - 1) * 1e6

    return asyncio.run(all_of_them())


def _statements(use_case: Callable[..., object], arguments: tuple[Any, ...]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        use_case(*arguments)
    return len(captured)


def _notice(calls: int) -> dict[str, Any]:
    """Return a row for the mail about a used backup code, which is written after the answer."""
    from benchmarks.stacks import users as people

    jobs = [
        {"event": "backup_code_used", "user_pk": str(user.pk), "username": user.get_username()}
        | {"language": "en", "address": None}
        for user in people.enrolled(calls)
    ]
    calls_of = [(job,) for job in jobs]
    spent = median(_spent(_mailed, calls_of) for _ in range(_ROUNDS))
    statements = _statements(_mailed, calls_of[0])
    return {"call": "a notice by mail", "sync_us": spent, "hop_us": None, "statements": statements}


def _mailed(job: dict[str, Any]) -> None:
    from ninja_totp.services.history import mail_notice

    mail_notice(**job)


def costs(calls: int) -> list[dict[str, Any]]:
    """Return a row for each use case: medians of interleaved rounds of `calls` calls."""
    from ninja_totp import services

    recreate_database()
    load().seed(calls)
    cases = _use_cases()
    direct: dict[str, list[float]] = {label: [] for label in cases}
    awaited: dict[str, list[float]] = {label: [] for label in cases}
    for _ in range(_ROUNDS):
        for label, (name, prepare) in cases.items():
            direct[label].append(_direct(name, prepare(calls)))
            awaited[label].append(_awaited(name, prepare(calls)))
    rows: list[dict[str, Any]] = [
        {
            "call": label,
            "sync_us": median(direct[label]),
            "hop_us": median(awaited[label]),
            "statements": _statements(getattr(services, name), prepare(1)[0]),
        }
        for label, (name, prepare) in cases.items()
    ]
    return [*rows, _notice(calls)]


if __name__ == "__main__":
    answer(lambda: costs(int(sys.argv[1])))
