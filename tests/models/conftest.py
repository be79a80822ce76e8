"""The cast."""

from tests.services.cast import ada, bob, clock, other, owner

__all__ = ["ada", "bob", "clock", "other", "owner"]
