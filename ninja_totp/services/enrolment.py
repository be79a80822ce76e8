"""Set up two-factor authentication: create, add or replace an authenticator, and confirm it.

A secret is only returned by the call that creates it.
"""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import errors, otp, provisioning
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.models import Account, Authenticator, Challenge, Event
from ninja_totp.models.second_step import Change, read_enrolment, replace_codes, write
from ninja_totp.models.users import login_name_of
from ninja_totp.services.authenticators import authenticators_of, clean_name, id_and_name
from ninja_totp.services.backup_codes import code_rows, fresh_codes
from ninja_totp.services.history import line, notify
from ninja_totp.services.recovery.known_password import known, resealed
from ninja_totp.services.step_up import (
    AuthContext,
    Authority,
    after_reset,
    changeable_account,
    context_of_authority,
    require_since_reset,
)
from ninja_totp.services.verify import account_change, challenge_changes, forgiven, open_secret
from ninja_totp.transactions import database, refuse_transaction, retry_on_conflict


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """The secret for a new authenticator, which has this `id`. Show it once."""

    uri: str = field(repr=False)
    secret: str = field(repr=False)
    expires_at: datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def svg(self) -> str:
        """The QR code of `uri`."""
        return provisioning.qr_svg(self.uri, title=gettext("QR code for your authenticator app"))

    @property
    def secret_grouped(self) -> str:
        """The secret in groups of four, for typing."""
        return provisioning.grouped(self.secret)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The new backup codes, and the authentication context of the confirming code.

    After adding another authenticator there are no new codes: the old ones still work.
    `generation_before` is the generation before the change, None at a first enrolment.
    """

    backup_codes: list[str] = field(repr=False)
    auth_context: AuthContext
    generation_before: int | None = None


@retry_on_conflict
def create_totp_setup(
    user: AbstractBaseUser, *, authenticated_at: int | None = None, credential: str = ""
) -> TotpSetup:
    """Start setting up 2FA: create a pending secret, which replaces an earlier pending one.

    `credential` identifies the caller's: `confirm_totp_setup` counts the wrong codes of this one
    and those of all others separately. Raises AlreadyEnabled if 2FA is on (use `replace_totp`), and
    NotAuthenticated if the caller's login, at `authenticated_at` in seconds since the epoch, was
    before the user's last recovery; None checks nothing.
    """
    account, _ = read_enrolment(user)
    require_since_reset(account, authenticated_at)
    if account is not None and account.is_enabled:
        raise errors.AlreadyEnabled
    return _store_pending(user, account, gettext("Authenticator app"), credential=credential)


@sensitive_variables()
def replace_totp(
    user: AbstractBaseUser,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    credential: str = "",
    request: HttpRequest | None = None,
    api: str = "",
) -> TotpSetup:
    """Create a pending secret. The old authenticators work until the new one is confirmed.

    Raises what `rotate_backup_codes` raises.
    """
    by = context_of_authority(user, authority, authenticated_at, request, api)

    @retry_on_conflict
    def begin() -> TotpSetup:
        account = changeable_account(user, by, authenticated_at)
        name = gettext("Authenticator app")
        return _store_pending(user, account, name, credential=credential, replaces=True)

    return begin()


@sensitive_variables()
def add_authenticator(
    user: AbstractBaseUser,
    name: str,
    *,
    authority: Authority = None,
    authenticated_at: int | None = None,
    credential: str = "",
    request: HttpRequest | None = None,
    api: str = "",
) -> TotpSetup:
    """Create a pending secret for another authenticator. Its codes work after `confirm_totp_setup`.

    Raises InvalidRequest unless the name has 1 to 64 characters, TooManyAuthenticators, and what
    `rotate_backup_codes` raises.
    """
    name = clean_name(name)
    by = context_of_authority(user, authority, authenticated_at, request, api)

    @retry_on_conflict
    def begin() -> TotpSetup:
        account = changeable_account(user, by, authenticated_at)
        confirmed = authenticators_of(account).filter(confirmed_at__isnull=False)
        if confirmed.count() >= get_settings().max_authenticators:
            raise errors.TooManyAuthenticators
        return _store_pending(user, account, name, credential=credential)

    return begin()


@sensitive_variables()
def _store_pending(
    user: AbstractBaseUser,
    account: Account | None,
    name: str,
    *,
    credential: str,
    replaces: bool = False,
) -> TotpSetup:
    """Store a new pending secret, and delete an earlier pending one."""
    settings, secret = get_settings(), otp.new_secret()
    parameters = settings.parameters
    expires_epoch = clock.now() + settings.pending_max_age
    # Before anything is stored: what cannot be in an address would leave a secret that nobody saw.
    uri = provisioning.otpauth_uri(
        secret, account=login_name_of(user), issuer=settings.issuer, parameters=parameters
    )
    supersedes = False
    with transaction.atomic(using=database()):
        if account is None:
            account = Account.new(user)
        else:
            account.write()
            pending = authenticators_of(account).filter(confirmed_at=None)
            supersedes = pending.delete()[0] > 0
        authenticator = Authenticator.objects.using(database()).create(
            account=account,
            name=name,
            secret=settings.key_ring.seal(secret, owner=str(account.pk)),
            key_id=settings.key_ring.current_key_id,
            **asdict(parameters),
            replaces=replaces,
            supersedes=supersedes,
            expires_epoch=expires_epoch,
            begun_by=credential,
        )
    return TotpSetup(uri, secret, datetime.fromtimestamp(expires_epoch, UTC), authenticator.pk)


@sensitive_variables()
@retry_on_conflict
def confirm_totp_setup(
    user: AbstractBaseUser,
    input_code: str,
    *,
    authenticated_at: int | None = None,
    credential: str = "",
    request: HttpRequest | None = None,
    api: str = "",
) -> Confirmation:
    """Confirm the pending authenticator and return new backup codes.

    Ends the authentication contexts of older credentials, open challenges and trusted devices,
    unless another authenticator is added. Raises NotEnrolled (nothing is pending), AlreadyConfirmed
    (nothing is pending and 2FA is on), InvalidEnrolmentCode (at a first enrolment with the error of
    the device's clock, if that is the reason), EnrolmentLocked, and NotAuthenticated for a login
    from before a recovery.
    """
    now = clock.now()
    pending = pending_of(user, authenticated_at=authenticated_at, now=now)
    return confirm(
        user, pending, input_code, credential=credential, now=now, request=request, api=api
    )


def pending_of(
    user: AbstractBaseUser, *, authenticated_at: int | None = None, now: int
) -> Authenticator:
    """Return the pending authenticator with its account.

    Raises AlreadyConfirmed or NotEnrolled if there is none; NotAuthenticated like
    `require_since_reset`, and first.
    """
    account, pending = read_enrolment(user)
    require_since_reset(account, authenticated_at)
    if pending is None or pending.expires_epoch <= now:
        is_enabled = account is not None and account.is_enabled
        raise errors.AlreadyConfirmed if is_enabled else errors.NotEnrolled
    return pending


@sensitive_variables()
def confirm(
    user: AbstractBaseUser,
    pending: Authenticator,
    input_code: str,
    *,
    credential: str,
    challenge: Challenge | None = None,
    now: int,
    **origin: Any,  # `request` and `api`
) -> Confirmation:
    """Confirm `pending`, which is added to the others or replaces them, and use up `challenge`.

    Raises what `confirm_totp_setup` does, ConcurrentUpdate, and CalledInTransaction like `verify`.
    """
    refuse_transaction(database())
    secret, counter = open_secret(pending), pending.counter_of(credential)
    counted = getattr(pending, counter)
    attempts = 0 if challenge is None else challenge.attempts
    left = get_settings().challenge_max_attempts - max(counted, attempts)
    if left <= 0:
        raise errors.EnrolmentLocked
    window, parameters = get_settings().window, pending.parameters
    if otp.canonical_code(input_code, digits=parameters.digits) is None:  # no guess, so no charge
        raise errors.InvalidEnrolmentCode
    # Only if no guess was counted since then: parallel guesses must not exceed the limit.
    seen = {"id": pending.pk, "account": pending.account_id, counter: counted}
    step = otp.matching_step(secret, input_code, at=now, window=window, parameters=parameters)
    if step is not None:
        at = timezone.now()
        used = Change(Authenticator, seen, _columns_in_use(pending, secret, step, at))
        return _accept(user, pending, used, challenge, at=at, now=now, **origin)
    # A wrong code is counted before it is refused.
    charged = Change(Authenticator, seen, {counter: counted + 1})
    write([charged, *challenge_changes(challenge)], [], using=database())
    signals.announce(signals.totp_failed, user=user, method="otp", **origin)
    raise errors.InvalidEnrolmentCode(
        errors.InvalidEnrolmentCode.older_scanned if pending.supersedes else None,
        attempts_left=left - 1,
        clock_skew_seconds=_skew(pending, secret, input_code, now),
    )


@sensitive_variables()
def _skew(pending: Authenticator, secret: str, input_code: str, now: int) -> int | None:
    # Only at a first enrolment. While 2FA is on, a caller with the password alone would learn of a
    # code that is correct some minutes later.
    if pending.account.is_enabled:
        return None
    window, parameters = get_settings().window, pending.parameters
    return otp.clock_skew_seconds(secret, input_code, at=now, window=window, parameters=parameters)


@sensitive_variables()
def _columns_in_use(pending: Authenticator, secret: str, step: int, at: datetime) -> dict[str, Any]:
    ring = get_settings().key_ring
    return {
        # Encrypted again: there may be a new key since the enrolment began.
        "secret": ring.seal(secret, owner=str(pending.account_id)),
        "key_id": ring.current_key_id,
        # The step that confirms a new secret is its first used one (RFC 6238, 5.2).
        "last_step": step,
        "confirmed_at": at,
        "last_used_at": at,
        "expires_epoch": 0,
        "begun_by": "",
    }


@sensitive_variables()
def _accept(
    user: AbstractBaseUser,
    pending: Authenticator,
    used: Change,
    challenge: Challenge | None,
    *,
    at: datetime,
    now: int,
    **origin: Any,
) -> Confirmation:
    """Write the account, the authenticator, the codes and the history: all of it, or nothing."""
    account, event = pending.account, Event.Type.ENABLED
    if account.is_enabled:
        event = Event.Type.REPLACED if pending.replaces else Event.Type.AUTHENTICATOR_ADDED
    is_added = event == Event.Type.AUTHENTICATOR_ADDED
    before = account.generation if account.is_enabled else None
    # Another authenticator ends nothing: earlier proofs of the others stay valid.
    generation = account.generation if is_added else account.generation + 1
    codes = [] if is_added else fresh_codes()
    rows, lines = code_rows(user, codes), [line(user, event, about=pending, **origin)]
    confirmed = _account_confirmed(account, user, generation, at=at, now=now)
    changes = [confirmed, used, *challenge_changes(challenge, consumed_at=at)]
    with transaction.atomic(using=database()):
        write(changes, lines, using=database())
        # Only of an enabled account there are others: each new pending one replaces the one before.
        if event == Event.Type.REPLACED:
            authenticators_of(account).exclude(pk=pending.pk).delete()
        if not is_added:
            replace_codes(user, rows)
        notify(user, lines)
    signals.announce(signals.totp_verified, user=user, method="otp", **origin)
    if is_added:
        added = signals.totp_authenticator_added
        signals.announce(added, user=user, **id_and_name(pending), **origin)
    else:
        signals.announce(signals.totp_created, user=user, **origin)
    return Confirmation(codes, AuthContext(after_reset(account, now), generation, "otp"), before)


def _account_confirmed(
    account: Account, user: AbstractBaseUser, generation: int, *, at: datetime, now: int
) -> Change:
    columns = forgiven(account, password_fingerprint(user.password), None, now=now)
    if generation == account.generation:  # another authenticator is added
        # The account must not need an older key than its newest authenticator.
        kept = resealed(account)
        return account_change(account, columns, last_used_at=at, known_password=kept)
    return account_change(
        account,
        columns,
        last_used_at=at,
        generation=generation,
        known_password=known(user),
        confirmed_epoch=after_reset(account, now),
        confirmed_at=at,
        disabled_at=None,
    )
