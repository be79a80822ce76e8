"""The router by which a logged-in user manages two-factor authentication.

    api.add_router("/totp/", totp_router, auth=AsyncJWTAuth())

What a call takes and returns is in `http/factor.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from ninja_totp.api.guard import user_in
from ninja_totp.api.routes import Endpoints, new_router, require_instance
from ninja_totp.core.errors import InvalidRequest, NotAuthenticated
from ninja_totp.http import factor
from ninja_totp.http.caller import Caller
from ninja_totp.http.cookies import CSRF_ERRORS
from ninja_totp.http.document import tag_of
from ninja_totp.http.issuers import Automatic, CredentialIssuer
from ninja_totp.schemas import requests, responses


def create_router(*, issuer: CredentialIssuer | None = None) -> Router:
    """Return a router with all calls, for `NinjaAPI.add_router`.

    `issuer` reads and renews the authentication context of a credential. By default, the installed
    JWT library reads bearer tokens, and any other credential counts as a session. The router has no
    `auth` of its own: pass it to `add_router` or to the NinjaAPI, or every call answers 401.
    """
    require_instance(issuer=issuer)
    router = new_router(tags=[tag_of("totp")])
    # The project may authenticate callers by session. Ninja then checks the CSRF token.
    _add_calls(Endpoints(router, "totp", CSRF_ERRORS), issuer or Automatic())
    return router


def _add_calls(to: Endpoints, issuer: CredentialIssuer) -> None:
    def add(method: str, path: str, run: Callable[..., Any]) -> None:
        """Declare `run`, which takes the caller in place of the request."""

        @wraps(run)
        def view(request: HttpRequest, **parsed: Any) -> Any:
            return run(_caller(request, issuer), **parsed)

        view.__doc__ = None  # of which Ninja would make a description
        to(method, path, run)(view)

    add("POST", "/create/", factor.create)
    add("POST", "/confirm/", factor.confirm)
    add("POST", "/disable/", factor.disable)
    add("POST", "/rotate_backup_codes/", factor.rotate_backup_codes)
    add("POST", "/replace/", factor.replace)
    add("POST", "/verify/", factor.verify)
    add("GET", "/authenticators/", factor.authenticators)
    add("POST", "/authenticators/", factor.add_authenticator)
    add("PATCH", "/authenticators/{authenticator_id}/", factor.rename_authenticator)
    add("DELETE", "/authenticators/{authenticator_id}/", factor.remove_authenticator)
    add("GET", "/status/", factor.status)
    add("GET", "/trusted_devices/", factor.trusted_devices)
    add("DELETE", "/trusted_devices/{device_id}/", factor.revoke_trusted_device)

    @to("GET", "/events/", factor.events, InvalidRequest)
    def events(
        request: HttpRequest, payload: Query[requests.TotpEventsQuery]
    ) -> responses.TotpEvents:
        return factor.events(_caller(request, issuer), payload)


def _caller(request: HttpRequest, issuer: CredentialIssuer) -> Caller:
    # What the authentication of this call returned: `request.user` may come from a cookie of
    # another user.
    user = getattr(request, "auth", None)
    if user is None:
        raise NotAuthenticated
    return Caller(request, user_in(user), issuer, api="ninja")


router = create_router()
"""`create_router()`, ready to be mounted."""
