"""What both doors do for one call: who asks, the use case, the credentials, the answer.

Each function is synchronous, takes the caller and the parsed input, and returns the schema that
is sent. The Ninja routers run it in one hop, the REST framework views call it. Parsing, errors
and headers are the doors' own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables
from pydantic import BaseModel, SecretStr

from ninja_totp import schemas, services
from ninja_totp.core import provisioning
from ninja_totp.core.errors import InvalidChallenge
from ninja_totp.issuers import CredentialIssuer, SessionIssuer, TokenIssuer
from ninja_totp.models import Challenge
from ninja_totp.services.auth import LIFETIME_SECONDS, challenge_digest
from ninja_totp.services.factor_change import Authority
from ninja_totp.services.step_up import PASSWORD_ONLY, Standing

__all__ = [
    "DEVICE_COOKIE",
    "Caller",
    "account_of",
    "cancel_recovery",
    "confirm",
    "confirm_recovery",
    "create",
    "disable",
    "events",
    "log_in",
    "log_out",
    "qr_png",
    "qr_svg",
    "refresh",
    "replace",
    "request_recovery",
    "revoke_trusted_device",
    "rotate_backup_codes",
    "status",
    "trusted_devices",
    "verify",
    "verify_login",
    "verify_token",
]


_RECOVERY_ASKED = gettext_noop(
    "If an account with that email exists and has TOTP enabled, a recovery email has been sent."
)

# Where a login by session keeps the token of a trusted device: out of reach of scripts.
DEVICE_COOKIE = "ninja_totp_device"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the issuer that reads and renews the credential they came with.

    `trusts_unknown` says whether a credential of an unknown kind may change the factor without a
    code: never at the Ninja door, as documented at the REST framework door.
    """

    request: HttpRequest
    user: AbstractBaseUser
    issuer: CredentialIssuer
    trusts_unknown: bool = False

    def authority(self, payload: schemas.TotpOptionalProof | None) -> Authority:
        """Return by what right the caller changes the factor: a proof, or their standing."""
        proof = payload.proof() if payload is not None else None
        return self.standing() if proof is None else proof

    def authenticated_at(self) -> int | None:
        """Return when the caller logged in, in seconds since the epoch; None if nobody can tell."""
        return self.issuer.authenticated_at(self.request, self.user)

    def standing(self) -> Standing | None:
        """Return the caller's standing; None for one of an unknown kind that is trusted."""
        standing = self.issuer.standing_of(self.request, self.user)
        return standing or (None if self.trusts_unknown else PASSWORD_ONLY)

    def renewed(self, standing: Standing) -> dict[str, str]:
        """Return new credentials of `standing`, if the caller came with one of the issuer's."""
        if self.issuer.standing_of(self.request, self.user) is None:
            return {}
        return dict(self.issuer.renew(self.request, self.user, standing))


def _setup(setup: services.TotpSetup) -> schemas.TotpSetup:
    return schemas.TotpSetup(
        svg=setup.svg,
        uri=setup.uri,
        secret=setup.secret,
        secret_grouped=setup.secret_grouped,
        expires_at=setup.expires_at,
    )


@sensitive_variables()
def create(caller: Caller) -> schemas.TotpSetup:
    """Start an enrolment."""
    return _setup(
        services.create_totp_setup(caller.user, authenticated_at=caller.authenticated_at())
    )


@sensitive_variables()
def replace(caller: Caller, payload: schemas.TotpOptionalProof | None) -> schemas.TotpSetup:
    """Start the replacement of the authenticator."""
    return _setup(
        services.replace_totp(
            caller.user,
            authority=caller.authority(payload),
            authenticated_at=caller.authenticated_at(),
            request=caller.request,
        )
    )


@sensitive_variables()
def confirm(caller: Caller, payload: schemas.TotpCode) -> schemas.TotpConfirmation:
    """Confirm an enrolment or a replacement; the caller's credential becomes a verified one."""
    code = payload.input_code.get_secret_value()
    confirmed = services.confirm_totp_setup(
        caller.user, code, authenticated_at=caller.authenticated_at(), request=caller.request
    )
    tokens = caller.renewed(confirmed.standing)
    return schemas.TotpConfirmation(backup_codes=confirmed.backup_codes, **tokens)


@sensitive_variables()
def disable(caller: Caller, payload: schemas.TotpOptionalProof | None) -> None:
    """Switch the second factor off."""
    services.disable_totp(
        caller.user,
        authority=caller.authority(payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
    )


@sensitive_variables()
def rotate_backup_codes(
    caller: Caller, payload: schemas.TotpOptionalProof | None
) -> schemas.TotpBackupCodes:
    """Replace the backup codes."""
    codes = services.rotate_backup_codes(
        caller.user,
        authority=caller.authority(payload),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
    )
    return schemas.TotpBackupCodes(backup_codes=codes)


def status(caller: Caller) -> schemas.TotpStatus:
    """Tell the caller about their own factor."""
    return schemas.TotpStatus.model_validate(
        services.totp_status(caller.user), from_attributes=True
    )


def events(caller: Caller, payload: schemas.TotpEventsQuery) -> schemas.TotpEvents:
    """Tell the caller what happened to their own factor."""
    page = services.totp_events(caller.user, before=payload.before, limit=payload.limit)
    return schemas.TotpEvents.model_validate(page, from_attributes=True)


def trusted_devices(caller: Caller) -> schemas.TotpTrustedDevices:
    """Tell the caller which devices they trust."""
    devices = services.trusted_devices(caller.user)
    return schemas.TotpTrustedDevices.model_validate(
        {"trusted_devices": devices}, from_attributes=True
    )


def revoke_trusted_device(caller: Caller, device_id: str) -> None:
    """Trust a device of the caller's no more."""
    services.revoke_trusted_device(caller.user, device_id, request=caller.request)


@sensitive_variables()
def verify(caller: Caller, payload: schemas.TotpProof) -> schemas.TotpVerified:
    """Step up: prove the second factor again."""
    standing = services.step_up(
        caller.user,
        payload.proof(),
        authenticated_at=caller.authenticated_at(),
        request=caller.request,
    )
    verified_at = datetime.fromtimestamp(standing.verified_at or 0, UTC)
    return schemas.TotpVerified(verified_at=verified_at, **caller.renewed(standing))


@sensitive_variables()
def qr_svg(caller: Caller) -> bytes:
    """Draw the pending secret as an SVG file."""
    return provisioning.qr_svg(_pending_uri(caller)).encode()


@sensitive_variables()
def qr_png(caller: Caller) -> bytes:
    """Draw the pending secret as a PNG file."""
    return provisioning.qr_png(_pending_uri(caller))


@sensitive_variables()
def _pending_uri(caller: Caller) -> str:
    return services.pending_totp_uri(
        caller.user, standing=caller.standing(), authenticated_at=caller.authenticated_at()
    )


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
    )
    if step.challenge_token is None:
        tokens = issuer.log_in(request, step.user, PASSWORD_ONLY)
        answer = schemas.TotpLoginStep(is_totp_enabled=False, **tokens)
        _hand_out(request, issuer, answer, step.trusted_device_token)
        return answer
    if isinstance(issuer, SessionIssuer):
        issuer.remember_challenge(request, challenge_digest(step.challenge_token))
    return schemas.TotpLoginStep(is_totp_enabled=True, totp_challenge_token=step.challenge_token)


def _device_token(request: HttpRequest, issuer: CredentialIssuer, payload: BaseModel) -> str | None:
    if isinstance(issuer, SessionIssuer):
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
    if isinstance(issuer, SessionIssuer):
        request.ninja_totp_device = token  # type: ignore[attr-defined]  # for the door
    else:
        answer.trusted_device_token = token


def _purpose_of(issuer: CredentialIssuer) -> Challenge.Purpose:
    # A challenge that a browser is bound to must not be redeemed where nobody asks for the browser.
    by_cookie = isinstance(issuer, SessionIssuer)
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
    if isinstance(issuer, SessionIssuer) and not issuer.remembers_challenge(
        request, challenge_digest(token)
    ):
        raise InvalidChallenge
    login = services.complete_login(
        token,
        payload.proof(),
        purpose=_purpose_of(issuer),
        trust_device=payload.trust_device,
        request=request,
    )
    tokens = issuer.log_in(request, login.user, login.standing)
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
