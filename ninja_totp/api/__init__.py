"""The asynchronous API for Django-Ninja: routers to mount on a NinjaAPI.

from ninja_totp.api import NinjaJWT, create_login_router, totp_router
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ninja_totp.api.errors import handle_totp_errors
from ninja_totp.api.guard import second_factor
from ninja_totp.api.login import create_login_router
from ninja_totp.api.totp import create_router, router as totp_router
from ninja_totp.http.document import step_up_responses
from ninja_totp.http.issuers import CredentialIssuer, NinjaJWT, Session, SimpleJWT

if TYPE_CHECKING:
    from ninja_totp.api.recovery import create_recovery_router, recovery_router

__all__ = [
    "CredentialIssuer",
    "NinjaJWT",
    "Session",
    "SimpleJWT",
    "create_login_router",
    "create_recovery_router",
    "create_router",
    "handle_totp_errors",
    "recovery_router",
    "second_factor",
    "step_up_responses",
    "totp_router",
]


def __dir__() -> list[str]:
    return [*globals(), *__all__]


if not TYPE_CHECKING:  # to which a module with such a function has every name

    def __getattr__(name: str) -> object:
        # Recovery by mail is off unless a project asks for it, and its models take a while to
        # build.
        if name in {"create_recovery_router", "recovery_router"}:
            return getattr(import_module("ninja_totp.api.recovery"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
