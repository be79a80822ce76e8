"""Logging in, and what keeps or ends a login: one function for each call, the same at both APIs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeGuard, TypeVar

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables
from pydantic import BaseModel, Secret

from ninja_totp import services
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.http.caller import anonymous_ident
from ninja_totp.http.cookies import cookie_of, is_from_elsewhere, require_csrf, set_cookie
from ninja_totp.http.document import answers
from ninja_totp.http.endpoint import API, limit_rate
from ninja_totp.http.issuers import CredentialIssuer, SessionIssuer, TokenIssuer
from ninja_totp.models import Challenge
from ninja_totp.schemas import requests, responses
from ninja_totp.services.login import LIFETIME_SECONDS, challenge_digest
from ninja_totp.services.verify import Proof

# The errors of a second step at both APIs, besides that of its code and those of every endpoint.
_STEP_ERRORS = (errors.InvalidChallenge, errors.NotEnrolled, errors.Locked)

# By `is_session`: a challenge bound to a browser must not be used where none is checked.
_LOGIN = {False: Challenge.Purpose.LOGIN, True: Challenge.Purpose.BROWSER_LOGIN}
_ENROLMENT = {False: Challenge.Purpose.ENROLMENT, True: Challenge.Purpose.BROWSER_ENROLMENT}

# The HttpOnly cookie with the token of a trusted device, for logins with a session.
DEVICE_COOKIE = "ninja_totp_device"

M = TypeVar("M", bound=BaseModel)
S = TypeVar("S", bound=responses.TotpSetup)
L = TypeVar("L", responses.TotpLoggedIn, responses.TotpLoggedInByPassword)

_NO_PROOF = gettext_noop("Either otp_code or backup_code is required.")
_TWO_PROOFS = gettext_noop("Provide only one of otp_code or backup_code, not both.")


@dataclass(frozen=True, slots=True)
class Client:
    """A client that logs in, and the issuer of its credential. `response` gets the cookies.

    `num_proxies` is as for `client_address`.
    """

    request: HttpRequest
    response: HttpResponse
    issuer: CredentialIssuer
    api: API
    num_proxies: int | None = None


@answers(200, responses.TotpLoggedIn, *_STEP_ERRORS, errors.InvalidCode)
def second_step(client: Client, payload: requests.TotpVerify) -> responses.TotpLoggedIn:
    """Finish the login with a code, a backup code, or two consecutive codes.

    A challenge works once, for a few minutes and a few attempts. Two consecutive codes are also
    accepted while codes are locked.
    """
    token = payload.totp_challenge_token.get_secret_value()
    limit_rate("second_step", token)
    proof = proof_of(payload)
    _require_browser(client, token)
    login = services.complete_login(
        token,
        proof,
        purpose=_LOGIN[is_session(client.issuer)],
        trust_device=payload.trust_device,
        may_log_in=getattr(client.issuer, "may_log_in", None),
        request=client.request,
        api=client.api,
    )
    tokens = client.issuer.log_in(client.request, login.user, login.auth_context)
    answer = responses.TotpLoggedIn(**tokens)
    if login.backup_codes_remaining is not None:
        answer.backup_codes_remaining = login.backup_codes_remaining
    return _with_cookies(client, answer, login.trusted_device_token)


@sensitive_variables()
def proof_of(payload: requests.TotpProof) -> Proof:
    """Return the proof in the body. Raises InvalidRequest unless it is exactly one kind."""
    pair = payload.otp_codes
    given = [kind for kind in (payload.otp_code, payload.backup_code, pair) if kind is not None]
    if len(given) != 1:
        sentence = gettext(_TWO_PROOFS if given else _NO_PROOF)
        raise errors.InvalidRequest(fields={"non_field_errors": [sentence]})
    if pair is not None:
        return Proof(otp_codes=(pair[0].get_secret_value(), pair[1].get_secret_value()))
    return Proof(otp_code=text_of(payload.otp_code), backup_code=text_of(payload.backup_code))


def text_of(secret: Secret[str] | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


@cache
def _is_session(kind: type[CredentialIssuer]) -> bool:
    # Cached: isinstance() with a protocol is slow, and a request asks several times.
    return issubclass(kind, SessionIssuer)


def is_session(issuer: CredentialIssuer) -> TypeGuard[SessionIssuer]:
    """Whether `issuer` logs in with a session. Tokens in cookies are not a session."""
    return _is_session(type(issuer))


def _require_own_page(request: HttpRequest, issuer: CredentialIssuer) -> None:
    # A form of another site could log its visitor in as another user (login CSRF).
    if is_session(issuer):
        require_csrf(request)
    elif getattr(issuer, "cookies", None) and is_from_elsewhere(request):
        raise errors.OriginNotTrusted


def _require_browser(client: Client, token: str) -> None:
    """Raise unless a page of this site asks, in the browser of the previous step."""
    request, issuer = client.request, client.issuer
    _require_own_page(request, issuer)
    if is_session(issuer) and not issuer.remembers_challenge(request, challenge_digest(token)):
        raise errors.InvalidChallenge


@sensitive_variables()
def _with_cookies(client: Client, answer: L, device_token: str | None) -> L:
    """Hand out the tokens of a login, and that of a trusted device, in cookies or in `answer`."""
    if device_token is not None and is_session(client.issuer):
        # The cookie may outlive the trust: the server knows the day on which it ends.
        lifetime = get_settings().trusted_device_max_age
        set_cookie(client.response, DEVICE_COOKIE, device_token, max_age=lifetime)
    elif device_token is not None:
        answer.trusted_device_token = device_token
    return into_cookies(answer, client.issuer, client.response)


@sensitive_variables()
def into_cookies(answer: M, issuer: Any, response: HttpResponse) -> M:
    """Put tokens that the issuer keeps in cookies into `response`, and return what is left."""
    cookies = getattr(issuer, "cookies", {})
    moved = answer.model_fields_set & cookies.keys()
    if not moved:
        return answer
    for kind in moved:
        lifetime = issuer.lifetime_seconds(kind)
        set_cookie(response, cookies[kind], getattr(answer, kind), max_age=lifetime)
    shown = answer.model_fields_set - moved
    return type(answer).model_construct(**{name: getattr(answer, name) for name in shown})


@answers(200, responses.TotpLoginStep, errors.InvalidCredentials)
def first_step(
    client: Client,
    payload: Any,  # of `credentials_schema`
    *,
    lifetime_seconds: int = LIFETIME_SECONDS,
) -> responses.FirstStep:
    """Log in with username and password.

    If that is not enough, returns a challenge for the second step, or a token for setting up the
    2FA that the site requires. An unknown name, a wrong password and an inactive account get the
    same answer.
    """
    request, issuer = client.request, client.issuer
    _require_own_page(request, issuer)
    name = getattr(payload, get_user_model().USERNAME_FIELD).get_secret_value()
    limit_rate("first_step", anonymous_ident(request, name, num_proxies=client.num_proxies))
    step = services.begin_login(
        request,
        username=name,
        password=payload.password.get_secret_value(),
        purpose=_LOGIN[is_session(issuer)],
        lifetime_seconds=lifetime_seconds,
        trusted_device_token=_device_token(client, payload),
        offers_enrolment=True,
        may_log_in=getattr(issuer, "may_log_in", None),
        api=client.api,
    )
    token = step.enrolment_token or step.challenge_token
    if token is None:
        return _logged_in_by_password(client, step)
    if is_session(issuer):
        issuer.remember_challenge(request, challenge_digest(token))
    if step.enrolment_token is not None:
        return responses.TotpEnrolmentStep(
            step="enrolment_required", is_totp_enabled=False, totp_enrolment_token=token
        )
    return responses.TotpCodeRequired(
        step="code_required", is_totp_enabled=True, totp_challenge_token=token
    )


def _device_token(client: Client, payload: BaseModel) -> str | None:
    if is_session(client.issuer):
        return client.request.COOKIES.get(DEVICE_COOKIE)
    return text_of(getattr(payload, "trusted_device_token", None))


@sensitive_variables()
def _logged_in_by_password(
    client: Client, step: services.FirstStep
) -> responses.TotpLoggedInByPassword:
    tokens = client.issuer.log_in(client.request, step.user, step.auth_context)
    answer = responses.TotpLoggedInByPassword(step="logged_in", is_totp_enabled=False, **tokens)
    if step.enrolment_due_at is not None:
        answer.enrolment_due_at = datetime.fromtimestamp(step.enrolment_due_at, UTC)
    return _with_cookies(client, answer, step.trusted_device_token)


@answers(201, responses.TotpSetup, errors.InvalidChallenge)
def begin_required_enrolment(
    client: Client, payload: requests.TotpRequiredEnrolment
) -> responses.TotpSetup:
    """Start setting up required 2FA, with the token from the first step."""
    token = payload.totp_enrolment_token.get_secret_value()
    limit_rate("begin_required_enrolment", token)
    _require_browser(client, token)
    setup = services.begin_required_enrolment(token, purpose=_ENROLMENT[is_session(client.issuer)])
    return shown_setup(setup, responses.TotpSetup)


def shown_setup(setup: services.TotpSetup, kind: type[S]) -> S:
    """Return the response that shows a pending secret to the user, once."""
    return kind(**{name: getattr(setup, name) for name in kind.model_fields})


@answers(200, responses.TotpConfirmation, *_STEP_ERRORS, errors.InvalidEnrolmentCode)
def complete_required_enrolment(
    client: Client, payload: requests.TotpRequiredEnrolmentCode
) -> responses.TotpConfirmation:
    """Confirm required 2FA with a code, and log in.

    Returns the backup codes. They are shown only once.
    """
    token = payload.totp_enrolment_token.get_secret_value()
    limit_rate("complete_required_enrolment", token)
    _require_browser(client, token)
    enrolled = services.complete_required_enrolment(
        token,
        payload.input_code.get_secret_value(),
        purpose=_ENROLMENT[is_session(client.issuer)],
        may_log_in=getattr(client.issuer, "may_log_in", None),
        request=client.request,
        api=client.api,
    )
    tokens = client.issuer.log_in(client.request, enrolled.user, enrolled.auth_context)
    answer = responses.TotpConfirmation(backup_codes=enrolled.backup_codes, **tokens)
    return into_cookies(answer, client.issuer, client.response)


@answers(200, responses.TotpRefreshed, errors.TokenNotValid, errors.EnrolmentRequired)
def refresh(
    request: HttpRequest,
    response: HttpResponse,
    payload: requests.TotpRefresh | requests.TotpCookieRefresh | None,
    issuer: TokenIssuer,
) -> responses.TotpRefreshed:
    """Refresh the tokens. The new ones keep the authentication context.

    Refused if the account must have 2FA and has none.
    """
    _require_own_page(request, issuer)
    token = text_of(payload.refresh) if payload is not None else None
    token = token or cookie_of(request, getattr(issuer, "cookies", {}).get("refresh"))
    if token is None:
        raise errors.TokenNotValid
    limit_rate("refresh", token)
    return into_cookies(responses.TotpRefreshed(**issuer.refresh(token)), issuer, response)


@answers(200, responses.TotpTokenValid, errors.TokenNotValid)
def verify_token(payload: requests.TotpToken, issuer: TokenIssuer) -> responses.TotpTokenValid:
    """Check that a token is signed by this site, unexpired and not revoked."""
    token = payload.token.get_secret_value()
    limit_rate("verify_token", token)
    issuer.verify(token)
    return responses.TotpTokenValid()


@answers(204, None)
def log_out(request: HttpRequest, issuer: SessionIssuer) -> None:
    """Log out. This also ends an open challenge of this browser."""
    # Never limited: every user must be able to log out.
    require_csrf(request)
    issuer.log_out(request)
