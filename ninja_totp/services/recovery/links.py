"""Recovery links: a row for each mail, found by the token in it, and which users get a mail.

Only a digest of the token is stored. Requesting a link does not end earlier ones. The rows of the
last week determine the cool-down of an account. `recovery.py` uses the links. A dispatcher runs
`mail_recovery_links` later, by its name and with JSON values. The texts are in `emails/`.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldError, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, emails, signals
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import password_fingerprint
from ninja_totp.core.errors import InvalidRecovery, RecoveryNotYet
from ninja_totp.models import Account, Challenge
from ninja_totp.models.users import address_of, all_users
from ninja_totp.transactions import database, refuse_transaction, retry_on_conflict

_DAY = 86_400
# How long an unused link makes the next cool-down longer.
_MEMORY_SECONDS = 7 * _DAY
# No cool-down is doubled more often than this.
_MOST_DOUBLINGS = 20
# A family may share an address. More accounts are a mistake or an attack.
_MOST_ACCOUNTS = 10


@dataclass(frozen=True, slots=True)
class RecoveryLink:
    """The parts of a recovery link: the account and the token."""

    uid: str
    token: str = field(repr=False)


def encode_uid(pk: Any) -> str:
    """Return a primary key for use in a link."""
    return urlsafe_base64_encode(force_bytes(pk))


def decode_uid(uid: str) -> str:
    """Return the argument of `encode_uid` as text. Raises ValueError."""
    return urlsafe_base64_decode(uid).decode()


@sensitive_variables()
@retry_on_conflict
def new_link(user: AbstractBaseUser, *, is_asked_for: bool) -> RecoveryLink | None:
    """Open a recovery. None without a confirmed authenticator.

    With `is_asked_for`, an anonymous request by email address: None in a cool-down, and other links
    still work. Otherwise a request by the project: earlier links of the user no longer work.
    """
    account = Account.of(user)
    if account is None or not account.is_enabled:
        return None
    links = _links().filter(user_id=user.pk)
    if is_asked_for and _is_cooling(links, user, account):
        return None
    token, now = secrets.token_hex(24), clock.now()
    with transaction.atomic(using=database()):
        # Otherwise two requests at once would both send a link.
        account.write()
        forgotten = links.filter(expires_epoch__lte=now - _MEMORY_SECONDS)
        (forgotten if is_asked_for else links).delete()
        links.create(
            digest=_digest(token),
            user_id=user.pk,
            purpose=Challenge.Purpose.RECOVERY,
            password_fingerprint=link_fingerprint(user.password, user),
            generation=account.generation,
            expires_epoch=now + _lifetime(),
        )
    return RecoveryLink(encode_uid(user.pk), token)


def _links() -> Any:  # Any: a queryset of Challenge, with or without its methods
    return Challenge.objects.using(database()).filter(purpose=Challenge.Purpose.RECOVERY)


def _lifetime() -> int:
    return get_settings().recovery_delay + get_settings().recovery_max_age


def _is_cooling(links: Any, user: AbstractBaseUser, account: Account) -> bool:
    """Return whether one of the user's `links` is too recent for another mail.

    Links of an earlier second factor, password or address do not count, because they no longer
    work. A recovery changes the factor, so all links that count are unused.
    """
    now = clock.now()
    counting = links.filter(
        generation=account.generation,
        password_fingerprint=link_fingerprint(user.password, user),
        expires_epoch__gt=now - _MEMORY_SECONDS,
    )
    recent = list(counting.values_list("expires_epoch", "attempts"))
    if not recent:
        return False
    newest = max(expires for expires, _ in recent) - _lifetime()
    tried = sum(attempts > 0 for _, attempts in recent)
    shortest = get_settings().recovery_cooldown
    # Anyone who knows the address can make this one longer. So it ends with the newest link at the
    # latest: a user who gets no mail has a link that works, or will work before a new one would.
    by_mails = min(shortest << min(len(recent) - 1, _MOST_DOUBLINGS), _lifetime())
    # This one needs access to the mailbox, and that attacker could delete the mail anyway.
    by_guesses = min(shortest << min(tried, _MOST_DOUBLINGS), _DAY) if tried else 0
    return bool(now < newest + max(by_mails, by_guesses))


@sensitive_variables()
def _digest(token: str) -> str:
    return hashlib.sha256(f"recovery\n{token}".encode("utf-8", "surrogatepass")).hexdigest()


def link_fingerprint(stored: str, user: AbstractBaseUser) -> str:
    """Return a fingerprint of the password's hash and of the address that a link was sent to."""
    text = f"recovery\n{password_fingerprint(stored)}\n{address_of(user)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def open_link(uid: str, token: str) -> Challenge:
    """Return the row of a link that works now or later.

    Raises InvalidRecovery (forged, used, replaced, expired, cancelled, out of attempts, or ended
    by a new password, a new address, a changed factor or a deactivation).
    """
    # By digest: with a forged token the work is the same for every account, and no user data is
    # read.
    links = _links().filter(pk=_digest(token)).select_related("user__ninja_totp")
    try:
        user_pk = get_user_model()._meta.pk.to_python(decode_uid(uid))
        link: Challenge | None = links.filter(user_id=user_pk).first()
    except (ValueError, OverflowError, ValidationError):
        raise InvalidRecovery from None
    if link is None or not _is_open(link):
        raise InvalidRecovery
    return link


def _is_open(link: Challenge) -> bool:
    account: Account | None = getattr(link.user, "ninja_totp", None)
    return (
        link.consumed_at is None
        and link.attempts < get_settings().challenge_max_attempts
        and clock.now() < link.expires_epoch
        and account is not None
        and account.is_enabled
        and link.generation == account.generation
        and link.password_fingerprint == link_fingerprint(link.user.password, link.user)
        and link.user.is_active
    )


@retry_on_conflict
def charged_link(uid: str, token: str) -> Challenge:
    """Count an attempt at a link, before its outcome is known, and return the row.

    Raises InvalidRecovery, RecoveryNotYet; CalledInTransaction like `verify`.
    """
    refuse_transaction(database())
    link = open_link(uid, token)
    wait = link.expires_epoch - get_settings().recovery_max_age - clock.now()
    if wait > 0:
        raise RecoveryNotYet(wait)
    link.attempt()
    return link


@retry_on_conflict
def use_up(**lookup: Any) -> None:
    """Use up one link (`pk`), or all links of a user (`user_id`). InvalidRecovery if none is left.

    In one statement: of a recovery and a cancellation at the same time, only one wins.
    """
    if _links().filter(consumed_at=None, **lookup).update(consumed_at=timezone.now()) == 0:
        raise InvalidRecovery


@emails.in_context
@sensitive_variables()
def mail_recovery_links(email: str) -> None:
    """Mail a link to each account with this address that has 2FA and no recent link.

    The slow part of `request_recovery`. A failed mail does not stop the others and stores nothing.
    The failures are raised together at the end.
    """
    failures: list[Exception] = []
    mailed = 0
    for user in _accounts(email):
        # Accounts in a cool-down do not count: the next request reaches the next ones.
        if mailed + len(failures) == _MOST_ACCOUNTS:
            break
        try:
            mailed += _mail_link(user)
        except Exception as failure:  # noqa: BLE001 - each backend has its own
            failures.append(failure)
    if not mailed:
        _pretend_to_mail(email)
    if failures:
        raise ExceptionGroup("Not every link could be mailed.", failures)


def _mail_link(user: AbstractBaseUser) -> bool:
    link = new_link(user, is_asked_for=True)
    if link is None:
        return False
    # To the stored address, not to the typed one: the database may treat different addresses as
    # equal, and a similar one may belong to an attacker (CVE-2019-19844).
    try:
        emails.recovery_message(user, address_of(user), link.uid, link.token).send()
    except BaseException:
        # Without its cool-down, the owner may ask again at once. Earlier links still work.
        _links().filter(pk=_digest(link.token)).delete()
        raise
    signals.announce(signals.totp_recovery_requested, user=user, request=None)
    return True


def _pretend_to_mail(email: str) -> None:
    """Take as long as a real mail, without database writes and without sending."""
    # A template of the project may use more of a user than this one has.
    with suppress(Exception):
        nobody = get_user_model()(**{get_user_model().get_email_field_name(): email})
        emails.recovery_message(nobody, email, encode_uid(0), "0" * 48).message().as_bytes()


def _accounts(email: str) -> Iterator[AbstractBaseUser]:
    name = get_user_model().get_email_field_name()
    having = {f"{name}__iexact": email, "ninja_totp__confirmed_at__isnull": False}
    try:
        matching = all_users().filter(**having).order_by("pk")
    except FieldError:  # the users of this project have no email address
        return iter(())
    # Accounts that cannot be recovered do not count.
    return (user for user in matching if user.is_active and user.has_usable_password())
