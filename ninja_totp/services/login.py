"""The challenges of a two-step login, and its second step: a proof uses a challenge up.

If 2FA is required and missing, the token of the first step is a challenge with its own purpose: the
second step is then to set up 2FA; it is good for nothing else, and the first confirmation uses it
up. The first step is in
`first_step.py`. Credentials (sessions, tokens) are issued in `http/issuers/`. A challenge contains
no user: its token is a signed random id, and only a digest of the id is stored.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings as django_settings
from django.contrib.auth import load_backend
from django.contrib.auth.models import AbstractBaseUser
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models import Account, Challenge
from ninja_totp.models.second_step import Opened, read
from ninja_totp.services.enrolment import TotpSetup, confirm, create_totp_setup, pending_of
from ninja_totp.services.step_up import AuthContext
from ninja_totp.services.trusted_devices import new_device
from ninja_totp.services.verify import Factor, Proof, verify
from ninja_totp.transactions import TRIES, ConcurrentUpdate, database, retry_on_conflict

# Long enough to find the phone, short enough to make a stolen token nearly useless.
LIFETIME_SECONDS = 300


@dataclass(frozen=True, slots=True)
class CompletedLogin:
    """A login with both factors. `backup_codes_remaining` is None unless one was used.

    `trusted_device_token` is set if the device was added to the trusted devices.
    """

    user: AbstractBaseUser
    auth_context: AuthContext
    backup_codes_remaining: int | None
    trusted_device_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CompletedEnrolment:
    """A user who has set up 2FA and can be logged in, and the new backup codes."""

    user: AbstractBaseUser
    backup_codes: list[str] = field(repr=False)
    auth_context: AuthContext


def generate_challenge_token(
    user: AbstractBaseUser, *, lifetime_seconds: int = LIFETIME_SECONDS
) -> str:
    """Open a challenge for a user whose password the caller has checked, and return its token.

    It is valid for TOTP_TOKEN_MAX_AGE seconds, or `lifetime_seconds` if that is not set.
    """
    lifetime = get_settings().token_max_age or lifetime_seconds
    return new_challenge(user, Account.of(user), Challenge.Purpose.LOGIN, lifetime)


def new_challenge(
    user: AbstractBaseUser,
    account: Account | None,
    purpose: Challenge.Purpose,
    lifetime_seconds: int,
) -> str:
    """Open a challenge, which ends with this password and second factor, and return its token."""
    now, challenge_id = clock.now(), secrets.token_urlsafe(24)
    challenges = Challenge.objects.using(database())
    # Keeps the table small without a scheduled task. Recovery links stay, because the cool-down of
    # the next one depends on them.
    expired = challenges.filter(user_id=user.pk, expires_epoch__lt=now)
    expired.exclude(purpose=Challenge.Purpose.RECOVERY).delete()
    challenges.create(
        digest=_digest(challenge_id),
        user_id=user.pk,
        purpose=purpose,
        backend=getattr(user, "backend", ""),
        password_fingerprint=password_fingerprint(user.password),
        generation=account.generation if account is not None else 0,
        expires_epoch=now + lifetime_seconds,
    )
    return Signer(salt=get_settings().token_salt).sign(challenge_id)


def _digest(challenge_id: str) -> str:
    return hashlib.sha256(challenge_id.encode()).hexdigest()


def challenge_digest(token: str) -> str:
    """Return the digest of the id in `token`; InvalidChallenge if the signature is wrong.

    Only the id matters, not the spelling of the token. A forged token costs no query.
    """
    try:
        return _digest(Signer(salt=get_settings().token_salt).unsign(token))
    except (BadSignature, UnicodeEncodeError):  # half of a surrogate pair is no text
        raise errors.InvalidChallenge from None


@sensitive_variables()
def complete_login(
    token: str,
    proof: Proof,
    *,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    trust_device: str | None = None,
    may_log_in: Callable[[AbstractBaseUser], bool] | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> CompletedLogin:
    """Complete a login: use up the challenge in `token` with `proof`.

    `trust_device` is the name of a device to trust, if the site allows it. `may_log_in` is called
    again, as in the first step. Raises InvalidChallenge (forged, used, expired, out of attempts,
    for another purpose, or ended by a new password, a changed second factor or a deactivation),
    NotEnabled, InvalidCode, Locked.
    """
    for _ in TRIES:
        now = clock.now()
        opened = open_challenge(token, purpose, now=now, may_log_in=may_log_in)
        factor, method = _factor_of(opened), proof.method
        try:
            match = verify(factor, proof, now=now, request=request, api=api)
        except ConcurrentUpdate:  # another request wrote first: check again
            continue
        device_token = None
        if trust_device is not None:
            device_token = new_device(factor, trust_device, now=now, request=request, api=api)
        signals.announce(signals.totp_login_succeeded, user=factor.user, request=request, api=api)
        verified_at = max(now, factor.account.reset_epoch)  # as `after_reset` says
        return CompletedLogin(
            user=factor.user,
            auth_context=AuthContext(verified_at, factor.account.generation, method),
            backup_codes_remaining=match.codes_left,
            trusted_device_token=device_token,
        )
    raise errors.Unavailable


def _factor_of(opened: Opened) -> Factor:
    if opened.account is None or not opened.authenticators:
        raise errors.NotEnabled
    password = opened.password_fingerprint
    return Factor(opened.user, password, opened.account, opened.authenticators, opened.challenge)


@sensitive_variables()
def open_challenge(
    token: str,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    *,
    now: int,
    may_log_in: Callable[[AbstractBaseUser], bool] | None = None,
) -> Opened:
    """Return the open challenge in `token` with its user; InvalidChallenge if there is none."""
    opened = read(challenge_digest(token), purpose)
    if opened is None or not _is_open(opened):
        raise errors.InvalidChallenge
    if may_log_in is not None and not may_log_in(opened.user):
        raise errors.InvalidChallenge
    if now >= opened.challenge.expires_epoch:
        raise errors.ExpiredChallenge
    if opened.challenge.backend:
        opened.user.backend = opened.challenge.backend  # which Django's login() needs
    return opened


def _is_open(opened: Opened) -> bool:
    challenge, user, password, account, _ = opened
    return (
        challenge.attempts < get_settings().challenge_max_attempts
        and challenge.generation == (account.generation if account is not None else 0)
        and challenge.password_fingerprint == password
        and _is_still_known(user, challenge.backend)
    )


def _is_still_known(user: AbstractBaseUser, backend: str) -> bool:
    """Check again that the user may log in: the account may have been deactivated since."""
    if not backend:
        return user.is_active
    if backend not in django_settings.AUTHENTICATION_BACKENDS:
        return False
    known_by = load_backend(backend)
    # As Django's sessions do: the backend may no longer know a user whose row still exists.
    if known_by.get_user(user.pk) is None:
        return False
    allowed = getattr(known_by, "user_can_authenticate", None)
    return user.is_active if allowed is None else allowed(user)


@sensitive_variables()
def get_user_from_challenge_token(token: str) -> AbstractBaseUser:
    """Return the user of an open challenge without using it up.

    Raises InvalidChallenge, or its subclass ExpiredChallenge if it has only expired.
    """
    return open_challenge(token, now=clock.now()).user


@sensitive_variables()
def begin_required_enrolment(
    token: str, *, purpose: Challenge.Purpose = Challenge.Purpose.ENROLMENT
) -> TotpSetup:
    """Create a pending secret for the user of an enrolment token. The token stays open.

    Raises InvalidChallenge for a token that is forged, used, expired, for another purpose, or ended
    by a new password, a second factor or a deactivation.
    """
    opened = open_challenge(token, purpose, now=clock.now())
    try:
        return create_totp_setup(opened.user, credential=opened.challenge.digest)
    except errors.AlreadyEnabled:  # at the same time, from elsewhere
        raise errors.InvalidChallenge from None


@sensitive_variables()
@retry_on_conflict
def complete_required_enrolment(
    token: str,
    input_code: str,
    *,
    purpose: Challenge.Purpose = Challenge.Purpose.ENROLMENT,
    may_log_in: Callable[[AbstractBaseUser], bool] | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> CompletedEnrolment:
    """Confirm the pending authenticator and use up the enrolment token.

    Raises what `begin_required_enrolment` and `confirm_totp_setup` raise.
    """
    now = clock.now()
    opened = open_challenge(token, purpose, now=now, may_log_in=may_log_in)
    if opened.authenticators:  # 2FA is on: this token must not confirm a replacement
        raise errors.InvalidChallenge
    try:
        pending = pending_of(opened.user, now=now)
    except errors.AlreadyEnabled:  # confirmed since, from elsewhere
        raise errors.InvalidChallenge from None
    confirmation = confirm(
        opened.user,
        pending,
        input_code,
        credential=opened.challenge.digest,
        challenge=opened.challenge,
        now=now,
        request=request,
        api=api,
    )
    signals.announce(signals.totp_login_succeeded, user=opened.user, request=request, api=api)
    return CompletedEnrolment(opened.user, confirmation.backup_codes, confirmation.auth_context)
