"""The list of cases, and the ways to add one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.compat.side import Side

__all__ = ["CASES", "Case", "case", "simple"]


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    endpoint: str
    name: str
    run: Callable[[Side], Any]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.name}"


CASES: list[Case] = []


def case(endpoint, name):
    """Add a case to the table."""

    def add(run):
        CASES.append(Case(endpoint, name, run))
        return run

    return add


def simple(endpoint, name, run):
    """Add a case that fits in a line."""
    case(endpoint, name)(run)
