"""What was aimed at, and what a run has reached. Nothing is measured here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.report import times

__all__ = ["targets"]

_Row = tuple[str, str, float, bool]
_DOOR = ("verify", "backup_code", "create", "confirm")


def targets(parts: Mapping[str, Any]) -> list[_Row]:
    """Return for each aim its name, what was aimed at, what came out, and whether it was reached.

    `parts` holds what the parts of a run have measured; what is missing there is left out.
    """
    return [
        *_of_requests(parts.get("postgres", [])),
        *(_of_growth(parts["growth"]) if "growth" in parts else []),
        *(_of_the_loop(parts["loop"]) if "loop" in parts else []),
        *(_of_the_import(parts["import"]) if "import" in parts else []),
    ]


def _at_least(name: str, aim: float, measured: float) -> _Row:
    return (name, f"at least {aim:g}", measured, measured >= aim)


def _at_most(name: str, aim: float, measured: float) -> _Row:
    return (name, f"at most {aim:g}", measured, measured <= aim)


def _of_requests(results: Sequence[dict[str, Any]]) -> Iterator[_Row]:
    found = {(r["stack"], r["case"]): r for r in results if "failure" not in r}

    def ratios(name: str, ours: str, case: str, other: tuple[str, str], aim: float) -> list[_Row]:
        pair = found.get((ours, case)), found.get(other)
        if pair[0] is None or pair[1] is None:
            return []
        return [_at_least(name, aim, times(pair[0], pair[1]))]

    for case, aim in (("verify", 2.0), ("backup_code", 3.0), ("create", 6.0)):
        name = f"`{case}`, times django-totp's requests/s"
        yield from ratios(name, "ninja_totp", case, ("django_totp", case), aim)
    floor = ("ninja_totp", "floor_sql_jwt")
    yield from ratios("`verify`, share of `floor_sql_jwt`", "ninja_totp", "verify", floor, 0.85)
    for case in _DOOR:
        name = f"REST framework API `{case}`, times django-totp's requests/s"
        yield from ratios(name, "drf_compat", case, ("django_totp", case), 1.0)


def _of_growth(grown: Mapping[str, Any]) -> list[_Row]:
    first, last = grown["sizes"][0], grown["sizes"][-1]
    users = f"{last['users']:,} users"
    codes = grown["codes"]["100"] / grown["codes"]["10"]
    return [
        _at_most("a backup code of 100, times one of 10", 1.2, codes),
        _at_most(f"a login among {users}, wall time", 1.2, last["wall_us"] / first["wall_us"]),
        _at_most("bytes stored per user", 2500, last["bytes_per_user"]),
    ]


def _of_the_loop(rows: Sequence[Mapping[str, Any]]) -> list[_Row]:
    return [
        _at_most("event loop held by `create` (no collections), ms", 3, row["held"]["max"])
        for row in rows
        if row["case"] == "create"
    ]


def _of_the_import(figures: Mapping[str, float]) -> list[_Row]:
    return [
        _at_most("import, CPU ms", 60, figures["added_ms"]),
        _at_most("import, MB", 15, figures["added_mb"]),
    ]
