"""Authentication by simplejwt whose token carries the caller's authentication context.

For views that want to know more than a permission tells; ours do with simplejwt's own class.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from ninja_totp.http.issuers import SimpleJWT


class TotpJWTAuthentication(JWTAuthentication):
    """Sets `request.auth.auth_context`: an `AuthContext` of ours, None for a token that is not."""

    def authenticate(self, request: Request) -> Any:  # Any: as the library's own
        found = super().authenticate(request)
        if found is not None:
            user, token = found
            auth_context = SimpleJWT().auth_context_in(token, user)
            token.auth_context = auth_context  # type: ignore[attr-defined]  # it is ours to add
        return found
