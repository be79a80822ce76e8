"""The asynchronous Django-Ninja door: routers to mount on a NinjaAPI.

from ninja_totp.api import NinjaJWT, create_login_router, totp_router
"""

from ninja_totp.api.guard import handle_totp_errors, second_factor
from ninja_totp.api.login import create_login_router
from ninja_totp.api.recovery import create_recovery_router, recovery_router
from ninja_totp.api.totp import create_router
from ninja_totp.api.totp import router as totp_router
from ninja_totp.issuers import CredentialIssuer, NinjaJWT, Session, SimpleJWT

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
    "totp_router",
]
