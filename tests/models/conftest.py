"""The cast."""

from tests.support.cast import ada, bob, other, owner

__all__ = ["ada", "bob", "other", "owner"]
