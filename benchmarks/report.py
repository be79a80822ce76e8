"""The tables of one run, in Markdown. Nothing is measured or decided here."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cpu_profile import LAYERS

__all__ = [
    "growth_tables",
    "http_table",
    "import_table",
    "load_average",
    "loop_table",
    "machine",
    "micro_table",
    "profile_table",
    "service_table",
    "target_table",
    "times",
]

_PACKAGES = (
    "Django",
    "django-ninja",
    "pydantic",
    "django-ninja-jwt",
    "djangorestframework",
    "psycopg",
    "uvicorn",
    "cryptography",
    "django-totp",
)


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def machine() -> str:
    """Return what the figures were measured on."""
    cpu = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({cpu}), {platform.system()}, "
        f"Python {platform.python_version()}; {packages}."
    )


def load_average() -> str:
    """Return how busy the machine is: over 1, 5 and 15 minutes."""
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


def http_table(results: Sequence[dict[str, Any]]) -> str:
    """Return a row for each contender; ratios are medians over rounds of rate / floor's rate."""
    floor = next(result for result in results if result["case"] == "floor")
    header = ["contender", "requests/s", "spread", "of floor", "p50 ms", "p95 ms", "p99 ms"]
    header += ["CPU ms", "SQL", "RSS MB"]
    return _table(header, [_http_row(result, floor) for result in results])


def _http_row(result: dict[str, Any], floor: dict[str, Any]) -> list[str]:
    if "failure" in result:
        return [result["name"], "failed", *[""] * 8]
    rates = result["rates"]
    return [
        result["name"],
        f"{median(rates):.0f}",
        f"{min(rates):.0f}-{max(rates):.0f}",
        "" if "failure" in floor else f"{times(result, floor):.2f}",
        *(f"{result[f'p{percent}_ms']:.1f}" for percent in (50, 95, 99)),
        f"{result['cpu_ms']:.2f}",
        str(result["statements"]),
        f"{result['memory_mb']:.0f}",
    ]


def times(result: dict[str, Any], other: dict[str, Any]) -> float:
    """Return how many times as fast `result` is: the median of the ratios within the rounds."""
    pairs = zip(result["rates"], other["rates"], strict=True)
    return median(rate / others for rate, others in pairs)


def micro_table(costs: dict[str, float]) -> str:
    """Return the pieces."""
    return _table(["piece", "CPU us"], [(name, f"{cost:.0f}") for name, cost in costs.items()])


def service_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the use cases."""
    return _table(
        ["use case", "direct, CPU us", "in a thread, CPU us", "SQL"],
        [
            (row["call"], *map(_whole, (row["sync_us"], row["hop_us"])), row["statements"])
            for row in rows
        ],
    )


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def growth_tables(grown: dict[str, Any]) -> str:
    """Return the growth of the tables, and one code of ten and of a hundred."""
    sizes = _table(
        ["enrolled users", "login, wall us (median)", "login, CPU us", "bytes stored per user"],
        [
            (
                f"{row['users']:,}",
                f"{row['wall_us']:.0f}",
                f"{row['cpu_us']:.0f}",
                f"{row['bytes_per_user']:.0f}",
            )
            for row in grown["sizes"]
        ],
    )
    codes = _table(
        ["codes of the user", "one backup code, wall us (median)"],
        [(number, f"{wall:.0f}") for number, wall in grown["codes"].items()],
    )
    return f"{sizes}\n\n{codes}"


def import_table(figures: dict[str, float]) -> str:
    """Return what ninja_totp and its router add to a process."""
    return _table(
        ["process", "CPU ms", "RSS MB"],
        [
            ("Django and Ninja", f"{figures['host_ms']:.0f}", f"{figures['host_mb']:.1f}"),
            ("ninja_totp adds", f"{figures['added_ms']:.0f}", f"{figures['added_mb']:.1f}"),
        ],
    )


def profile_table(by_door: dict[str, Sequence[dict[str, Any]]]) -> str:
    """Return for each door and call the CPU milliseconds of each layer."""
    return _table(
        ["call", "CPU ms", *LAYERS],
        [
            (
                f"{door} {row['case']}",
                f"{row['cpu_ms']:.2f}",
                *(f"{row['shares'][layer] * row['cpu_ms']:.2f}" for layer in LAYERS),
            )
            for door, rows in by_door.items()
            for row in rows
        ],
    )


def loop_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return for how long the event loop was held."""
    return _table(
        [
            "case",
            *("held p50 ms", "held p99 ms", "held max ms"),
            *("collections", "in all ms", "longest ms"),
            *("lag p50 ms", "lag p99 ms"),
        ],
        [
            (
                row["case"],
                *(f"{row['held'][key]:.2f}" for key in ("p50", "p99", "max")),
                row["collected"]["number"],
                *(f"{row['collected'][key]:.1f}" for key in ("sum", "max")),
                *(f"{row['lag'][key]:.1f}" for key in ("p50", "p99")),
            )
            for row in rows
        ],
    )


def target_table(rows: Sequence[tuple[str, str, float, bool]]) -> str:
    """Return what was aimed at beside what was measured."""
    return _table(
        ["figure", "aim", "measured", "reached"],
        [
            (name, aim, f"{measured:.4g}", "yes" if is_reached else "**no**")
            for name, aim, measured, is_reached in rows
        ],
    )
