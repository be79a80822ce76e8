"""The cast of the services."""

from tests.services.cast import ada, clock, owner

__all__ = ["ada", "clock", "owner"]
