"""One module per contender: its applications, and how its requests are prepared.

`<name>.py` is read by the settings and imports Django only inside functions; `<name>_urls.py` is
the URLconf. Nothing here measures.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar, Protocol

__all__ = ["SECRET", "Call", "Stack", "address", "bearer", "current_code", "load_stack", "post"]

# Every benchmark user has the same secret; it is stored for each as the stack stores secrets.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, ready to be sent, and the status that proves that the work was done."""

    path: str
    body: str = ""
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    expected: int = 200


class Stack(Protocol):
    """A contender. `cases` names what it can do; `prepare` undoes the last round of it first."""

    applications: ClassVar[Sequence[str]]
    middleware: ClassVar[Sequence[str]]
    settings: ClassVar[dict[str, Any]]
    cases: ClassVar[Sequence[str]]

    def seed(self, users: int) -> None:
        """Create `users` enrolled users with ten backup codes each, and as many without any."""
        ...

    def prepare(self, case: str, count: int) -> list[Call]:
        """Return `count` calls, each of which must succeed once."""
        ...


def load_stack(name: str) -> Stack:
    """Return the contender called `name`."""
    stack: Stack = import_module(f"benchmarks.stacks.{name}").stack
    return stack


def current_code() -> str:
    """Return the code that SECRET has now; it is accepted for at least thirty more seconds."""
    import pyotp

    return pyotp.TOTP(SECRET).now()


def address() -> str:
    """Return an address that no other request has come from."""
    return "10." + ".".join(str(byte) for byte in secrets.token_bytes(3))


def post(
    path: str, body: str, headers: Mapping[str, str] | None = None, *, expected: int = 200
) -> Call:
    """Return a JSON POST from an address of its own."""
    common = {"Content-Type": "application/json", "X-Forwarded-For": address()}
    return Call(path, body, headers=common | dict(headers or {}), expected=expected)


def bearer(token: str) -> dict[str, str]:
    """Return the header of a caller with a token."""
    return {"Authorization": f"Bearer {token}"}
