"""What a login hands out, and what it says of the second factor when it comes back.

An issuer is any object of the shape in `protocol.py`. Ours are `NinjaJWT`, `SimpleJWT` and
`Session`; the JWT libraries are imported when an issuer is made, so that neither is required.
"""

from ninja_totp.http.issuers.automatic import Automatic as Automatic
from ninja_totp.http.issuers.jwt import NinjaJWT as NinjaJWT, SimpleJWT as SimpleJWT
from ninja_totp.http.issuers.protocol import (
    CredentialIssuer as CredentialIssuer,
    SessionIssuer as SessionIssuer,
    TokenIssuer as TokenIssuer,
)
from ninja_totp.http.issuers.session import Session as Session
