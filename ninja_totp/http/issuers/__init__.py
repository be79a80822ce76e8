"""Issuers: they issue the credential of a login, and read its authentication context.

An issuer is any object with the methods in `protocol.py`. Ours are `NinjaJWT`, `SimpleJWT` and
`Session`. A JWT library is imported when its issuer is created, so neither is required.
"""

from ninja_totp.http.issuers.automatic import Automatic as Automatic
from ninja_totp.http.issuers.jwt import NinjaJWT as NinjaJWT, SimpleJWT as SimpleJWT
from ninja_totp.http.issuers.protocol import (
    CredentialIssuer as CredentialIssuer,
    SessionIssuer as SessionIssuer,
    TokenIssuer as TokenIssuer,
)
from ninja_totp.http.issuers.session import Session as Session
