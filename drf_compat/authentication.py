"""Authentication by simplejwt, with the caller's authentication context on the token.

For views that need more than a permission. Our views work with simplejwt's own class.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from ninja_totp.http.issuers import SimpleJWT


class TotpJWTAuthentication(JWTAuthentication):
    """Set `request.auth.auth_context`: an `AuthContext`; None for a token that is not ours."""

    def authenticate(self, request: Request) -> Any:  # Any: as the library's own
        found = super().authenticate(request)
        if found is not None:
            user, token = found
            auth_context = SimpleJWT().auth_context_in(token, user)
            token.auth_context = auth_context  # type: ignore[attr-defined]  # it is ours to add
        return found
