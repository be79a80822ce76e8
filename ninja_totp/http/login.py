"""Logging in, and what keeps or ends a login."""

from datetime import UTC, datetime

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from pydantic import BaseModel, SecretStr

from ninja_totp import schemas, services
from ninja_totp.core.errors import InvalidChallenge
from ninja_totp.http.factor import shown_setup
from ninja_totp.http.issuers import CredentialIssuer, SessionIssuer, TokenIssuer, has_session
from ninja_totp.models import Challenge
from ninja_totp.services.login import LIFETIME_SECONDS, challenge_digest
from ninja_totp.services.step_up import PASSWORD_ONLY

__all__ = [
    "DEVICE_COOKIE",
    "account_of",
    "begin_required_enrolment",
    "complete_required_enrolment",
    "log_in",
    "log_out",
    "refresh",
    "verify_login",
    "verify_token",
]

# Where a login by session keeps the token of a trusted device: out of reach of scripts.
DEVICE_COOKIE = "ninja_totp_device"


@sensitive_variables()
def log_in(
    request: HttpRequest,
    issuer: CredentialIssuer,
    payload: BaseModel,
    *,
    lifetime_seconds: int = LIFETIME_SECONDS,
) -> schemas.TotpLoginStep:
    """First step: check name and password. A challenge lives for `lifetime_seconds`."""
    step = services.begin_login(
        request,
        username=account_of(payload),
        password=_value(payload, "password"),
        purpose=_purpose_of(issuer),
        lifetime_seconds=lifetime_seconds,
        trusted_device_token=_device_token(request, issuer, payload),
        offers_enrolment=True,
    )
    if step.enrolment_token is not None:
        _bind_to_browser(request, issuer, step.enrolment_token)
        return schemas.TotpLoginStep(
            is_totp_enabled=False, totp_enrolment_token=step.enrolment_token
        )
    if step.challenge_token is None:
        tokens = issuer.log_in(request, step.user, PASSWORD_ONLY)
        answer = schemas.TotpLoginStep(is_totp_enabled=False, **tokens)
        if step.enrolment_due_at is not None:
            answer.enrolment_due_at = datetime.fromtimestamp(step.enrolment_due_at, UTC)
        _hand_out(request, issuer, answer, step.trusted_device_token)
        return answer
    _bind_to_browser(request, issuer, step.challenge_token)
    return schemas.TotpLoginStep(is_totp_enabled=True, totp_challenge_token=step.challenge_token)


def _bind_to_browser(request: HttpRequest, issuer: CredentialIssuer, token: str) -> None:
    if has_session(issuer):
        issuer.remember_challenge(request, challenge_digest(token))


def _require_browser(request: HttpRequest, issuer: CredentialIssuer, token: str) -> None:
    if has_session(issuer) and not issuer.remembers_challenge(request, challenge_digest(token)):
        raise InvalidChallenge


@sensitive_variables()
def begin_required_enrolment(
    request: HttpRequest, issuer: CredentialIssuer, payload: schemas.TotpRequiredEnrolment
) -> schemas.TotpSetup:
    """Second step where a factor is required and there is none: start the enrolment."""
    token = payload.totp_enrolment_token.get_secret_value()
    _require_browser(request, issuer, token)
    return shown_setup(services.begin_required_enrolment(token, purpose=_enrolment_of(issuer)))


@sensitive_variables()
def complete_required_enrolment(
    request: HttpRequest,
    issuer: CredentialIssuer,
    payload: schemas.TotpRequiredEnrolmentCode,
) -> schemas.TotpConfirmation:
    """Third step: confirm the enrolment, which logs in."""
    token = payload.totp_enrolment_token.get_secret_value()
    _require_browser(request, issuer, token)
    enrolled = services.complete_required_enrolment(
        token,
        payload.input_code.get_secret_value(),
        purpose=_enrolment_of(issuer),
        request=request,
    )
    tokens = issuer.log_in(request, enrolled.user, enrolled.auth_context)
    return schemas.TotpConfirmation(backup_codes=enrolled.backup_codes, **tokens)


def _enrolment_of(issuer: CredentialIssuer) -> Challenge.Purpose:
    purposes = Challenge.Purpose
    return purposes.BROWSER_ENROLMENT if has_session(issuer) else purposes.ENROLMENT


def _device_token(request: HttpRequest, issuer: CredentialIssuer, payload: BaseModel) -> str | None:
    if has_session(issuer):
        return request.COOKIES.get(DEVICE_COOKIE)
    token: SecretStr | None = getattr(payload, "trusted_device_token", None)
    return None if token is None else token.get_secret_value()


def _hand_out(
    request: HttpRequest,
    issuer: CredentialIssuer,
    answer: schemas.TotpLoginStep | schemas.TotpLoggedIn,
    token: str | None,
) -> None:
    """Give the device its next token, if it is trusted: in the answer, or else in a cookie."""
    if token is None:
        return
    if has_session(issuer):
        request.ninja_totp_device = token  # type: ignore[attr-defined]  # for the door
    else:
        answer.trusted_device_token = token


def _purpose_of(issuer: CredentialIssuer) -> Challenge.Purpose:
    # A challenge that a browser is bound to must not be redeemed where nobody asks for the browser.
    by_cookie = has_session(issuer)
    return Challenge.Purpose.BROWSER_LOGIN if by_cookie else Challenge.Purpose.LOGIN


def account_of(payload: BaseModel) -> str:
    """Return the name in the credentials of a first step."""
    return _value(payload, get_user_model().USERNAME_FIELD)


def _value(payload: BaseModel, name: str) -> str:
    secret: SecretStr = getattr(payload, name)
    return secret.get_secret_value()


@sensitive_variables()
def verify_login(
    request: HttpRequest, issuer: CredentialIssuer, payload: schemas.TotpVerify
) -> schemas.TotpLoggedIn:
    """Second step: use up the challenge by a proof."""
    token = payload.totp_challenge_token.get_secret_value()
    _require_browser(request, issuer, token)
    login = services.complete_login(
        token,
        payload.proof(),
        purpose=_purpose_of(issuer),
        trust_device=payload.trust_device,
        request=request,
    )
    tokens = issuer.log_in(request, login.user, login.auth_context)
    answer = schemas.TotpLoggedIn(**tokens)
    if login.backup_codes_remaining is not None:
        answer.backup_codes_remaining = login.backup_codes_remaining
    _hand_out(request, issuer, answer, login.trusted_device_token)
    return answer


@sensitive_variables()
def refresh(
    _request: HttpRequest, issuer: TokenIssuer, payload: schemas.TotpRefresh
) -> schemas.TotpRefreshed:
    """Exchange a refresh token."""
    return schemas.TotpRefreshed(**issuer.refresh(payload.refresh.get_secret_value()))


@sensitive_variables()
def verify_token(_request: HttpRequest, issuer: TokenIssuer, payload: schemas.TotpToken) -> None:
    """Check a token."""
    issuer.verify(payload.token.get_secret_value())


def log_out(request: HttpRequest, issuer: SessionIssuer) -> None:
    """End the session."""
    issuer.log_out(request)
