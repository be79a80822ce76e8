"""Recovering an account whose authenticator is lost: a link by e-mail, and the password.

A link is nothing but a right to try: it logs nobody in, and without the password it removes
nothing. A recovery sets a new password: with the old one, a thief could set up the next factor.
 Whoever asks for one is answered before anything is looked up. What differs from account to
account happens in `mail.py`, which a dispatcher runs later.
"""

from typing import Any, cast

from django.contrib.auth import user_login_failed
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from ninja_totp import signals
from ninja_totp.async_variants import awaitable
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    InvalidNewPassword,
    InvalidRecovery,
    InvalidRecoveryPassword,
    NotEnabled,
    RecoveryDisabled,
)
from ninja_totp.emails import context
from ninja_totp.models import Account, Challenge
from ninja_totp.models.users import address_of, login_name_of
from ninja_totp.services.authenticators import switch_off
from ninja_totp.services.recovery.ended_access import end_access, reset_moment, set_password
from ninja_totp.services.recovery.known_password import keep_bound
from ninja_totp.services.recovery.links import (
    RecoveryLink,
    cancel_links,
    charged_link,
    consume_link,
    new_link,
    open_link,
)
from ninja_totp.services.recovery.mail import mail_disabled_notice, mail_recovery_links
from ninja_totp.transactions import database, retry_on_conflict


def _require_enabled() -> None:
    if not get_settings().recovery_enabled:
        raise RecoveryDisabled


def request_recovery(email: str) -> None:
    """Have everybody with this address mailed a link, if there is anybody.

    Hands the address to the dispatcher and returns: no account is looked up here. Raises
    RecoveryDisabled.
    """
    _require_enabled()
    dispatch = get_settings().recovery_dispatcher
    dispatch(mail_recovery_links, email=email, **context())


def generate_recovery_link(user: AbstractBaseUser) -> RecoveryLink:
    """Open a recovery for the user, whatever the cool-down, and return what a link must hold.

    For a project that sends a mail of its own. Earlier links no longer work, so this is not for
    whoever just asks. Raises RecoveryDisabled, and NotEnabled without a confirmed factor.
    """
    _require_enabled()
    link = new_link(user, is_asked_for=False)
    if link is None:
        raise NotEnabled
    return link


@sensitive_variables()
def confirm_recovery(
    uid: str,
    token: str,
    password: str,
    *,
    new_password: str | None = None,
    request: HttpRequest | None = None,
    api: str = "",
) -> None:
    """Remove the factor of the account, set a new password, end its sessions, and mail a notice.

    The password is looked at behind a right link only, and a few times for each link; a wrong
    one is told to who counts failed logins. Raises InvalidRecovery (see `open_link`; also when the
    account changed meanwhile), RecoveryNotYet, InvalidRecoveryPassword, RecoveryDisabled, and
    InvalidNewPassword for one that a validator of the site refuses, that opens the account already,
    or that is missing (unless TOTP_RECOVERY_NEW_PASSWORD is False).
    """
    _require_enabled()
    _require_acceptable(new_password, uid, token)
    link = charged_link(uid, token)
    if not link.user.check_password(password):
        _announce_failure(link.user, request, api)
        raise InvalidRecoveryPassword
    keep_bound(link.user, password)  # the hash may have been made anew just now
    if new_password is not None:
        _require_valid(new_password, link.user)
    # Not by comparing the two texts: a hasher may read no further than to the 72nd byte (bcrypt).
    if new_password is not None and link.user.check_password(new_password):
        raise InvalidNewPassword(gettext("The new password must differ from the current one."))
    user = _remove_factor(link, password, new_password, request, api)
    signals.announce(signals.totp_recovery_succeeded, user=user, request=request, api=api)
    signals.announce(signals.totp_disabled, user=user, request=request, api=api)
    dispatch = get_settings().recovery_dispatcher
    named = {"user_pk": str(user.pk), "username": login_name_of(user)}
    dispatch(mail_disabled_notice, **named, **context())


@sensitive_variables()
def _require_acceptable(new_password: str | None, uid: str, token: str) -> None:
    """Raise InvalidNewPassword before an attempt is charged: for what any user's would be.

    A validator that is given the user may compare with what only the owner knows.
    """
    if new_password is None:
        if get_settings().recovery_new_password:
            raise InvalidNewPassword(gettext("This field is required."))
        return
    open_link(uid, token)
    _require_valid(new_password, None)


@sensitive_variables()
def _require_valid(new_password: str, user: AbstractBaseUser | None) -> None:
    try:
        validate_password(new_password, cast("Any", user))  # the stubs know one user model
    except ValidationError as error:
        raise InvalidNewPassword(*error.messages) from None


def _announce_failure(user: AbstractBaseUser, request: HttpRequest | None, api: str) -> None:
    # As Django's own authenticate() tells it, "username" whatever the model calls it: what limits
    # the passwords of an account listens there.
    credentials = {"username": login_name_of(user)}
    user_login_failed.send_robust(__name__, credentials=credentials, request=request)
    signals.announce(signals.totp_recovery_failed, user=user, request=request, api=api)


class _AnotherHash(InvalidRecovery):
    """The stored hash is not the one that the password was compared with."""

    def __init__(self, user: AbstractBaseUser) -> None:
        super().__init__()
        self.user = user


@sensitive_variables()
def _remove_factor(
    link: Challenge, password: str, new_password: str | None, request: HttpRequest | None, api: str
) -> AbstractBaseUser:
    """Remove the factor, and return the user as it was then."""
    user: AbstractBaseUser = link.user
    stored = user.password
    set_password(user, password, new_password)
    try:
        _remove_factor_of(user, link, stored, request, api)
    except _AnotherHash as found:
        # A login at the same moment may have brought the hash up to date, which is no change.
        user = found.user
        if not user.check_password(password):
            raise InvalidRecovery from None
        stored = user.password
        set_password(user, password, new_password)
        _remove_factor_of(user, link, stored, request, api)
    return user


@sensitive_variables()
@retry_on_conflict
def _remove_factor_of(
    user: AbstractBaseUser,
    link: Challenge,
    stored: str,
    request: HttpRequest | None,
    api: str,
) -> None:
    account = Account.of(user)
    # Something else, and perhaps nothing, by the time that the password was looked at.
    if account is None or account.generation != link.generation:
        raise InvalidRecovery
    with transaction.atomic(using=database()):
        switch_off(account, reset_epoch=reset_moment())
        consume_link(link)
        _require_unchanged(user, stored, link)
        end_access(user, keep=link, request=request, api=api)


@sensitive_variables()
def _require_unchanged(user: AbstractBaseUser, stored: str, link: Challenge) -> None:
    """Look again, in the transaction: a password hasher gives others a good part of a second."""
    # Locked until the transaction ends, where the database can. Not by the default manager: one
    # that joins other tables could not be locked.
    users = type(user)._base_manager.using(database())  # noqa: SLF001 - a documented name
    now = users.select_for_update().filter(pk=user.pk).first()
    if now is None or not now.is_active or address_of(now) != address_of(link.user):
        raise InvalidRecovery
    if now.password != stored:
        raise _AnotherHash(now)


@sensitive_variables()
def cancel_recovery(
    uid: str, token: str, *, request: HttpRequest | None = None, api: str = ""
) -> None:
    """Make every link of an account void, by whoever holds one.

    Raises InvalidRecovery, RecoveryDisabled.
    """
    _require_enabled()
    link = open_link(uid, token)
    cancel_links(link)
    cancelled = signals.totp_recovery_cancelled
    signals.announce(cancelled, user=link.user, request=request, api=api)


arequest_recovery = awaitable(request_recovery)
agenerate_recovery_link = awaitable(generate_recovery_link)
aconfirm_recovery = awaitable(confirm_recovery)
acancel_recovery = awaitable(cancel_recovery)
