"""How much is tried by what could go on for ever: sieges, histories, generated and odd input.

`make test` tries little, and the same each time; its profile of hypothesis is that of conftest.py.
`make check` and `make fuzz` try much. Whatever else a test does is the same in all of them.
"""

from collections.abc import Iterable
from typing import TypeVar

from hypothesis import settings

__all__ = ["breadth", "share"]

_T = TypeVar("_T")


def breadth(usual: _T, *, thorough: _T) -> _T:
    """Return `usual` in `make test`, and `thorough` in `make check` and `make fuzz`."""
    return usual if settings.get_current_profile_name() == "repeatable" else thorough


def share(cases: Iterable[_T], number: int, *, of: int) -> list[_T]:
    """Return one of `of` shares of the cases, another one for the next number.

    In `make check` and `make fuzz`, all of them.
    """
    step = breadth(of, thorough=1)
    return list(cases)[number % step :: step]
