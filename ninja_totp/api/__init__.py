"""The asynchronous Django-Ninja door: routers to mount on a NinjaAPI.

from ninja_totp.api import NinjaJWT, create_login_router, totp_router
"""

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
    "recovery_router",
    "totp_router",
]
