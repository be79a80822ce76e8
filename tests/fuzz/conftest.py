"""The cast of the services."""

from tests.support.cast import ada, owner

__all__ = ["ada", "owner"]
