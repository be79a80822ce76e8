"""Losing the factor: by a link in a mail, and the password."""

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from ninja_totp import schemas, services
from ninja_totp.core.errors import (
    InvalidNewPassword,
    InvalidRecovery,
    InvalidRecoveryPassword,
    RecoveryDisabled,
    RecoveryNotYet,
)
from ninja_totp.http.caller import anonymous_ident
from ninja_totp.http.document import answers
from ninja_totp.http.endpoint import API, limit_rate
from ninja_totp.http.login import text_of

# What a confirmation can end with at either API, beside the errors of every endpoint.
CONFIRM_ERRORS = (
    *(InvalidRecovery, InvalidRecoveryPassword, InvalidNewPassword),
    *(RecoveryNotYet, RecoveryDisabled),
)

_RECOVERY_ASKED = gettext_noop(
    "If an account with that email exists and has TOTP enabled, a recovery email has been sent."
)


@answers(200, schemas.TotpRecoveryAsked, RecoveryDisabled)
def request_recovery(
    request: HttpRequest, payload: schemas.TotpRecoveryRequest, *, num_proxies: int | None = None
) -> schemas.TotpRecoveryAsked:
    """Ask for a link.

    Every caller gets the same answer, before anything is looked up. If there is such an account
    and it has a second factor, a mail is sent to it; one for each account and cool-down.
    """
    # Counted by address; `num_proxies` is as for `client_address`.
    limit_rate("recovery", anonymous_ident(request, payload.email, num_proxies=num_proxies))
    services.request_recovery(payload.email)
    return schemas.TotpRecoveryAsked(details=gettext(_RECOVERY_ASKED))


@answers(204, None, *CONFIRM_ERRORS)
@sensitive_variables()
def confirm_recovery(
    request: HttpRequest, payload: schemas.TotpRecoveryConfirm, *, api: API
) -> None:
    """Remove the second factor by the link and the account's password, and set a new one.

    Ends the sessions of the account and mails a notice; does not log in. A link works once, for
    an hour, and for a few passwords.
    """
    token, password = payload.token.get_secret_value(), payload.password.get_secret_value()
    limit_rate("recovery_confirm", token)
    services.confirm_recovery(
        payload.uid,
        token,
        password,
        new_password=text_of(payload.new_password),
        request=request,
        api=api,
    )


@answers(204, None, InvalidRecovery, RecoveryDisabled)
@sensitive_variables()
def cancel_recovery(request: HttpRequest, payload: schemas.TotpRecoveryCancel) -> None:
    """Cancel every recovery link of an account; any of its links will do."""
    token = payload.token.get_secret_value()
    limit_rate("recovery_cancel", token)
    services.cancel_recovery(payload.uid, token, request=request)
