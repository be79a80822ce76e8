"""How much is tried by what could go on for ever: sieges, histories, generated and odd input.

`make test` tries little and the same each time, `make check` much (its profile of hypothesis is
called "thorough"). Whatever else a test does is the same in both.
"""

from typing import TypeVar

from hypothesis import settings

__all__ = ["breadth"]

_T = TypeVar("_T")


def breadth(usual: _T, *, thorough: _T) -> _T:
    """Return `usual`, and `thorough` in `make check`."""
    return thorough if settings.get_current_profile_name() == "thorough" else usual
