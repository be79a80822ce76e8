"""What a login hands out, and what it says of the second factor when it comes back.

An issuer is any object of the shape in `protocol.py`. Ours are `NinjaJWT`, `SimpleJWT` and
`Session`; the JWT libraries are imported when an issuer is made, so that neither is required.
"""

from ninja_totp.http.issuers.automatic import Automatic
from ninja_totp.http.issuers.jwt import NinjaJWT, SimpleJWT
from ninja_totp.http.issuers.protocol import (
    CredentialIssuer,
    SessionIssuer,
    TokenIssuer,
)
from ninja_totp.http.issuers.session import Session

__all__ = [
    "Automatic",
    "CredentialIssuer",
    "NinjaJWT",
    "Session",
    "SessionIssuer",
    "SimpleJWT",
    "TokenIssuer",
]
