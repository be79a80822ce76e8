"""No addresses: the packages are called, not browsed."""

from typing import Any

urlpatterns: list[Any] = []
