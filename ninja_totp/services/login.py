"""Logging in in two steps: a right password opens a challenge, a proof uses it up.

No credential is issued here; what a session or a token is, `issuers/` know. A challenge names
nobody: its token is a signed random id, and only a digest of the id is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from django.conf import settings as django_settings
from django.contrib.auth import authenticate, load_backend
from django.contrib.auth.models import AbstractBaseUser
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    ExpiredChallenge,
    InvalidChallenge,
    InvalidCredentials,
    NotEnabled,
    TotpRequired,
)
from ninja_totp.models import Challenge, ChallengeQuerySet, Totp, password_fingerprint
from ninja_totp.prepared import Given, Prepared, PreparedDelete
from ninja_totp.services.policy.enforcement import due_at_login
from ninja_totp.services.proof import Ground, Proof
from ninja_totp.services.step_up import AuthContext
from ninja_totp.services.swapping import database
from ninja_totp.services.trusted_devices import new_device, renewed_token
from ninja_totp.services.verify import attempt, factor_of
from ninja_totp.statements import insert

__all__ = [
    "LIFETIME_SECONDS",
    "CompletedLogin",
    "FirstStep",
    "abegin_login",
    "acomplete_login",
    "agenerate_challenge_token",
    "aget_user_from_challenge_token",
    "begin_login",
    "challenge_digest",
    "complete_login",
    "generate_challenge_token",
    "get_user_from_challenge_token",
    "open_challenge_row",
]

# Long enough to find the phone, short enough to be of little use to whoever steals the token.
LIFETIME_SECONDS = 300


def _challenges() -> ChallengeQuerySet:
    challenges = Challenge.objects.select_related("user__ninja_totp")
    return challenges.filter(digest=Given(Challenge, "digest"), purpose=Given(Challenge, "purpose"))


def _expired() -> ChallengeQuerySet:
    # Links of recovery stay, since the cool-down of the next one depends on them.
    links = {"purpose": Challenge.Purpose.RECOVERY}
    of_user = Challenge.objects.filter(user=Given(Challenge, "user")).exclude(**links)
    return of_user.filter(expires_epoch__lt=Given(Challenge, "expires_epoch"))


_DELETE_EXPIRED = PreparedDelete(_expired)
_CHALLENGE = Prepared(_challenges)
_CHALLENGE_AND_CODES = Prepared(lambda: _challenges().with_codes_left())


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A right password: it was enough to log in when there is neither token of a next step.

    `challenge_token` is for `complete_login`, `enrolment_token` for `begin_required_enrolment`.
    `trusted_device_token` is for the next login of a device that was trusted in this one. Who may
    log in by the password until `enrolment_due_at` (seconds since the epoch) only is told so.
    """

    user: AbstractBaseUser
    challenge_token: str | None = field(repr=False)
    trusted_device_token: str | None = field(default=None, repr=False)
    enrolment_token: str | None = field(default=None, repr=False)
    enrolment_due_at: int | None = None


@dataclass(frozen=True, slots=True)
class CompletedLogin:
    """A login with both factors. `backup_codes_remaining` is None unless one was used.

    `trusted_device_token` is there when a device is trusted from now on.
    """

    user: AbstractBaseUser
    auth_context: AuthContext
    backup_codes_remaining: int | None
    trusted_device_token: str | None = field(default=None, repr=False)


@sensitive_variables()
def begin_login(
    request: HttpRequest,
    *,
    username: str,
    password: str,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    lifetime_seconds: int = LIFETIME_SECONDS,
    trusted_device_token: str | None = None,
    offers_enrolment: bool = False,
) -> FirstStep:
    """Check name and password, and open a challenge if a second factor is set up.

    None is opened where `trusted_device_token` is that of a device which the user trusts. Such a
    login has the standing of a password alone.

    It lives for TOTP_TOKEN_MAX_AGE seconds, or `lifetime_seconds` where that is not set. A
    challenge for one purpose is none for another. Raises InvalidCredentials for an unknown, a
    wrong and an inactive account alike; `authenticate` hashes the password in each case, so that
    they take the same time too. Raises TotpRequired for a user who must have a factor by now and
    has none (TOTP_REQUIRED); with `offers_enrolment` the step holds an `enrolment_token` instead.
    """
    # "username", whatever the user model calls it: so do Django's own forms, and backends of
    # projects are written for them.
    user = authenticate(request, username=username, password=password)
    if user is None:
        raise InvalidCredentials
    totp = factor_of(user)
    if totp is not None and totp.is_enabled:
        renewed = renewed_token(user, totp, trusted_device_token, request=request)
        if renewed is not None:
            login = signals.trusted_device_login_succeeded
            signals.announce(login, user=user, request=request)
            return FirstStep(user, None, renewed)
        return FirstStep(user, _open_challenge(user, totp, lifetime_seconds, purpose))
    due_at = due_at_login(user, totp)
    if due_at is not None and due_at <= clock.now():
        if not offers_enrolment:
            raise TotpRequired
        return FirstStep(user, None, enrolment_token=_open_enrolment(user, purpose))
    signals.announce(signals.non_totp_login_succeeded, user=user, request=request)
    return FirstStep(user, None, enrolment_due_at=due_at)


def _open_enrolment(user: AbstractBaseUser, purpose: Challenge.Purpose) -> str:
    by_browser = purpose == Challenge.Purpose.BROWSER_LOGIN
    purposes = Challenge.Purpose
    return _keep_challenge(
        user,
        factor_of(user),
        get_settings().pending_max_age,
        purposes.BROWSER_ENROLMENT if by_browser else purposes.ENROLMENT,
    )


def generate_challenge_token(
    user: AbstractBaseUser, *, lifetime_seconds: int = LIFETIME_SECONDS
) -> str:
    """Open a challenge for a user whose password the caller has checked, and return its token.

    It lives for TOTP_TOKEN_MAX_AGE seconds, or `lifetime_seconds` where that is not set.
    """
    return _open_challenge(user, factor_of(user), lifetime_seconds, Challenge.Purpose.LOGIN)


def _open_challenge(
    user: AbstractBaseUser, totp: Totp | None, lifetime_seconds: int, purpose: Challenge.Purpose
) -> str:
    lifetime_seconds = get_settings().token_max_age or lifetime_seconds
    return _keep_challenge(user, totp, lifetime_seconds, purpose)


def _keep_challenge(
    user: AbstractBaseUser, totp: Totp | None, lifetime_seconds: int, purpose: Challenge.Purpose
) -> str:
    now, challenge_id = clock.now(), secrets.token_urlsafe(24)
    # Keeps the table small without a scheduled task: nobody has more rows than open challenges.
    _DELETE_EXPIRED(database(), user=user.pk, expires_epoch=now)
    opened = Challenge(
        digest=_digest(challenge_id),
        user_id=user.pk,
        purpose=purpose,
        backend=getattr(user, "backend", ""),
        password_fingerprint=password_fingerprint(user),
        generation=totp.generation if totp is not None else 0,
        expires_epoch=now + lifetime_seconds,
    )
    insert([opened], database())
    return Signer(salt=get_settings().token_salt).sign(challenge_id)


def _digest(challenge_id: str) -> str:
    return hashlib.sha256(challenge_id.encode()).hexdigest()


def challenge_digest(token: str) -> str:
    """Return the digest of the id inside `token`; InvalidChallenge when the signature is wrong.

    The id counts, not the spelling of the token. A forged token costs no query.
    """
    try:
        return _digest(Signer(salt=get_settings().token_salt).unsign(token))
    except (BadSignature, UnicodeEncodeError):  # half of a surrogate pair is no text
        raise InvalidChallenge from None


@sensitive_variables()
def complete_login(
    token: str,
    proof: Proof,
    *,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    trust_device: str | None = None,
    request: HttpRequest | None = None,
) -> CompletedLogin:
    """Use up the challenge in `token` by `proof`.

    `trust_device` is the name of a device that is to be trusted, where the site allows it.

    Raises InvalidChallenge (forged, used, expired, out of attempts, of another purpose, or ended by
    a new password, a changed factor or a deactivation), NotEnabled, InvalidCode, Locked.
    """
    digest = challenge_digest(token)
    used_backup_code = proof.backup_code is not None
    device = new_device(trust_device, request)
    # Before the code is looked at: a recovery may come between, and what was proved is older.
    proved_at = clock.now()
    ground = attempt(
        lambda: _challenged_ground(digest, purpose, count_codes=used_backup_code),
        proof,
        alongside=None if device is None else device.keep,
        request=request,
    )
    signals.announce(signals.totp_login_succeeded, user=ground.user, request=request)
    return CompletedLogin(
        user=ground.user,
        auth_context=AuthContext(proved_at, ground.totp.generation, proof.method),
        backup_codes_remaining=_codes_left(ground) if used_backup_code else None,
        trusted_device_token=device.token if device is not None else None,
    )


def _codes_left(ground: Ground) -> int | None:
    # Counted as the challenge was read, before the code that was just used.
    return ground.challenge.codes_left - 1 if ground.challenge is not None else None


def _challenged_ground(digest: str, purpose: Challenge.Purpose, *, count_codes: bool) -> Ground:
    challenge = open_challenge_row(digest, purpose, count_codes=count_codes)
    totp = getattr(challenge.user, "ninja_totp", None)
    if totp is None or not totp.is_enabled:
        raise NotEnabled
    return Ground(totp, challenge.user, challenge)


def open_challenge_row(
    digest: str,
    purpose: Challenge.Purpose = Challenge.Purpose.LOGIN,
    *,
    count_codes: bool = False,
) -> Challenge:
    """Return the open challenge of `digest` with its user; InvalidChallenge when there is none."""
    select = _CHALLENGE_AND_CODES if count_codes else _CHALLENGE
    challenge = select.first(database(), digest=digest, purpose=purpose)
    if challenge is None or not _is_open(challenge):
        raise InvalidChallenge
    if clock.now() >= challenge.expires_epoch:
        raise ExpiredChallenge
    return challenge


def _is_open(challenge: Challenge) -> bool:
    totp = getattr(challenge.user, "ninja_totp", None)
    return (
        challenge.consumed_at is None
        and challenge.attempts < get_settings().challenge_max_attempts
        and challenge.generation == (totp.generation if totp is not None else 0)
        and challenge.password_fingerprint == password_fingerprint(challenge.user)
        and _may_log_in(challenge.user, challenge.backend)
    )


def _may_log_in(user: AbstractBaseUser, backend: str) -> bool:
    """Ask again what the first step asked: the account may have been deactivated since."""
    if not backend:
        return user.is_active
    if backend not in django_settings.AUTHENTICATION_BACKENDS:
        return False
    user.backend = backend
    allowed = getattr(load_backend(backend), "user_can_authenticate", None)
    return user.is_active if allowed is None else allowed(user)


@sensitive_variables()
def get_user_from_challenge_token(token: str) -> AbstractBaseUser:
    """Return the user of an open challenge without using it up.

    Raises InvalidChallenge; its subclass ExpiredChallenge when nothing but the time is over.
    """
    return open_challenge_row(challenge_digest(token)).user


abegin_login = awaitable(begin_login)
acomplete_login = awaitable(complete_login)
agenerate_challenge_token = awaitable(generate_challenge_token)
aget_user_from_challenge_token = awaitable(get_user_from_challenge_token)
