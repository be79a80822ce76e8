"""Recovery from a lost phone: a link by email, and the password."""

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from ninja_totp import services
from ninja_totp.core import errors
from ninja_totp.http.caller import anonymous_ident
from ninja_totp.http.document import answers
from ninja_totp.http.endpoint import API, limit_rate
from ninja_totp.http.login import text_of
from ninja_totp.schemas import requests, responses

_LINK_ERRORS = (errors.InvalidRecovery, errors.RecoveryDisabled)
_PASSWORD_ERRORS = (errors.InvalidRecoveryPassword, errors.InvalidNewPassword)

_RECOVERY_ASKED = gettext_noop(
    "If an account with that email exists and has TOTP enabled, a recovery email has been sent."
)


@answers(200, responses.TotpRecoveryAsked, errors.RecoveryDisabled)
def request_recovery(
    request: HttpRequest, payload: requests.TotpRecoveryRequest, *, num_proxies: int | None = None
) -> responses.TotpRecoveryAsked:
    """Request a recovery link by email (lost phone).

    The answer is always the same and is sent before any lookup. If the account exists and has 2FA,
    an email is sent, at most one per account and cool-down.
    """
    # Counted by address; `num_proxies` is as for `client_address`.
    limit_rate("recovery", anonymous_ident(request, payload.email, num_proxies=num_proxies))
    services.request_recovery(payload.email)
    return responses.TotpRecoveryAsked(details=gettext(_RECOVERY_ASKED))


@answers(204, None, *_LINK_ERRORS, errors.RecoveryNotYet, *_PASSWORD_ERRORS)
def confirm_recovery(
    request: HttpRequest, payload: requests.TotpRecoveryConfirm, *, api: API
) -> None:
    """Reset 2FA with the recovery link and the password, and set a new password.

    Ends all sessions of the account and sends an email. It does not log in. A link works once, for
    one hour by default, and allows a few wrong passwords.
    """
    token, password = payload.token.get_secret_value(), payload.password.get_secret_value()
    limit_rate("recovery_confirm", token)
    new_password = text_of(payload.new_password)
    services.confirm_recovery(
        payload.uid, token, password, new_password=new_password, request=request, api=api
    )


@answers(204, None, *_LINK_ERRORS)
def cancel_recovery(
    request: HttpRequest, payload: requests.TotpRecoveryCancel, *, api: API
) -> None:
    """Cancel all recovery links of an account. Send any one of them."""
    token = payload.token.get_secret_value()
    limit_rate("recovery_cancel", token)
    services.cancel_recovery(payload.uid, token, request=request, api=api)
