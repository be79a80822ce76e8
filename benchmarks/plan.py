"""Which contenders are measured on which database, and how often: in full and in short."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec

from benchmarks.rounds import Contender

__all__ = ["FULL", "PROFILED", "QUICK", "Plan", "main_contenders", "sqlite_contenders"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int
    requests: int
    sizes: tuple[int, ...]
    calls: int
    clients: int = 10


FULL = Plan(rounds=7, requests=300, sizes=(1_000, 10_000, 100_000, 1_000_000), calls=80)
QUICK = Plan(rounds=2, requests=60, sizes=(1_000,), calls=30)

_FLOORS = ("floor", "floor_sql", "floor_sql_jwt", "floor_login_jwt")
_DOOR = ("verify", "backup_code", "create", "confirm")
_CASES = {
    "ninja_totp": (*_FLOORS, *_DOOR, "status"),
    "drf_compat": _DOOR,
    "django_totp": _DOOR,
    "drf_totp": ("verify",),
    "django_otp": ("verify", "backup_code"),
    "allauth": ("verify",),
    "django_mfa": ("verify",),
}
PROFILED = {
    "ninja_totp": ("floor", "floor_login_jwt", "first_step", *_DOOR, "status"),
    "drf_compat": ("first_step", *_DOOR),
}
"""The calls of which is asked where their CPU time goes, by stack."""
_ON_SQLITE = {
    "ninja_totp": ("floor", "floor_sql_jwt", *_DOOR),
    "drf_compat": _DOOR,
    "django_totp": _DOOR,
}


def _present(stack: str) -> bool:
    return stack != "drf_compat" or find_spec("drf_compat.urls") is not None


def _contenders(
    cases: dict[str, tuple[str, ...]], server: str, database: str, without: Collection[str]
) -> list[Contender]:
    return [
        Contender(stack, case, server, database)
        for stack, names in cases.items()
        if _present(stack) and stack not in without
        for case in names
    ]


def main_contenders(server: str, *, without: Collection[str] = ()) -> list[Contender]:
    """Return every contender, on PostgreSQL."""
    return _contenders(_CASES, server, "postgres", without)


def sqlite_contenders(server: str, *, without: Collection[str] = ()) -> list[Contender]:
    """Return the few for which SQLite tells something."""
    return _contenders(_ON_SQLITE, server, "sqlite", without)
