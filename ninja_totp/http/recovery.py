"""Losing the factor: by a link in a mail, and the password."""

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from ninja_totp import schemas, services
from ninja_totp.http.issuers import CredentialIssuer

__all__ = ["cancel_recovery", "confirm_recovery", "request_recovery"]

_RECOVERY_ASKED = gettext_noop(
    "If an account with that email exists and has TOTP enabled, a recovery email has been sent."
)


def request_recovery(
    _request: HttpRequest, _issuer: CredentialIssuer, payload: schemas.TotpRecoveryRequest
) -> schemas.TotpRecoveryAsked:
    """Ask for a link by which the factor can be removed."""
    services.request_recovery(payload.email)
    return schemas.TotpRecoveryAsked(details=gettext(_RECOVERY_ASKED))


@sensitive_variables()
def confirm_recovery(
    request: HttpRequest, _issuer: CredentialIssuer, payload: schemas.TotpRecoveryConfirm
) -> None:
    """Remove the factor by a link and the password."""
    token, password = payload.token.get_secret_value(), payload.password.get_secret_value()
    services.confirm_recovery(payload.uid, token, password, request=request)


@sensitive_variables()
def cancel_recovery(
    request: HttpRequest, _issuer: CredentialIssuer, payload: schemas.TotpRecoveryCancel
) -> None:
    """Make a link void."""
    services.cancel_recovery(payload.uid, payload.token.get_secret_value(), request=request)
