"""Account recovery after a lost phone: a link by email, and the password.

A link is only a right to try: it logs nobody in, and without the password it removes nothing. A
recovery sets a new password: with the old one, a thief could set up the next second factor. The
answer to a request comes before any lookup. Everything that depends on the account happens in
`links.py`, in a job that a dispatcher runs later.

A recovery ends all access to an account that may be in the wrong hands. Sessions of every engine
end with the password's hash: Django keeps a digest of it in each session, so a new password (or a
new salt) ends them at once. Tokens of a JWT library are refused wherever this package checks them
(`step_up.is_ended`), and added to a blacklist for the rest of the project.
"""

from typing import Any, cast

from django.apps import apps
from django.contrib.auth import user_login_failed
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from ninja_totp import emails, signals
from ninja_totp.conf import get_settings
from ninja_totp.core import errors
from ninja_totp.models import Account, Challenge, Event, TrustedDevice
from ninja_totp.models.users import address_of, login_name_of, user_meant
from ninja_totp.services.authenticators import switch_off
from ninja_totp.services.history import record
from ninja_totp.services.recovery import links
from ninja_totp.services.recovery.known_password import keep_bound
from ninja_totp.transactions import database, retry_on_conflict

_BLACKLISTS = ("rest_framework_simplejwt.token_blacklist", "ninja_jwt.token_blacklist")


def _require_enabled() -> None:
    if not get_settings().recovery_enabled:
        raise errors.RecoveryDisabled


def request_recovery(email: str) -> None:
    """Send a recovery link to each account with this email address, if there is any.

    Passes the address to the dispatcher and returns: no account is looked up here. Raises
    RecoveryDisabled.
    """
    _require_enabled()
    dispatch = get_settings().recovery_dispatcher
    dispatch(links.mail_recovery_links, email=email, **emails.context())


def generate_recovery_link(user: AbstractBaseUser) -> links.RecoveryLink:
    """Open a recovery for the user, without a cool-down, and return the parts of the link.

    For a project that sends its own mail. Earlier links no longer work, so do not call this for
    anonymous requests. Raises RecoveryDisabled, and NotEnabled without a confirmed authenticator.
    """
    _require_enabled()
    link = links.new_link(user, is_asked_for=False)
    if link is None:
        raise errors.NotEnabled
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
    """Reset 2FA of the account, set a new password, end its sessions, and send a mail.

    The password is checked only with a valid link, a few times per link; a wrong one sends Django's
    `user_login_failed`. Raises InvalidRecovery (see `open_link`; also if the account has changed
    meanwhile), RecoveryNotYet, InvalidRecoveryPassword, RecoveryDisabled, and InvalidNewPassword if
    the new one is refused by a validator, is the current one, or is missing (unless
    TOTP_RECOVERY_NEW_PASSWORD is False).
    """
    _require_enabled()
    _require_acceptable(new_password, uid, token)
    link = links.charged_link(uid, token)
    if not link.user.check_password(password):
        _announce_failure(link.user, request, api)
        raise errors.InvalidRecoveryPassword
    keep_bound(link.user, password)  # the hash may have been upgraded just now
    if new_password is not None:
        _require_valid(new_password, link.user)
    # Not by comparing the texts: a hasher may ignore everything after the 72nd byte (bcrypt).
    if new_password is not None and link.user.check_password(new_password):
        sentence = gettext("The new password must differ from the current one.")
        raise errors.InvalidNewPassword(sentence)
    user = _recovered(link, password, new_password, request, api)
    signals.announce(signals.totp_recovery_succeeded, user=user, request=request, api=api)
    signals.announce(signals.totp_disabled, user=user, request=request, api=api)
    dispatch = get_settings().recovery_dispatcher
    named = {"user_pk": str(user.pk), "username": login_name_of(user)}
    dispatch(mail_disabled_notice, **named, **emails.context())


def _require_acceptable(new_password: str | None, uid: str, token: str) -> None:
    """Raise InvalidNewPassword for a password that no user may have, before counting an attempt.

    Validators get no user here: with one, they could reveal data that only the owner knows.
    """
    if new_password is None:
        if get_settings().recovery_new_password:
            raise errors.InvalidNewPassword(gettext("This field is required."))
        return
    links.open_link(uid, token)
    _require_valid(new_password, None)


def _require_valid(new_password: str, user: AbstractBaseUser | None) -> None:
    try:
        validate_password(new_password, cast("Any", user))  # the stubs know one user model
    except ValidationError as error:
        raise errors.InvalidNewPassword(*error.messages) from None


def _announce_failure(user: AbstractBaseUser, request: HttpRequest | None, api: str) -> None:
    # As Django's authenticate() sends it, with "username" for any user model: packages that limit
    # password attempts listen to it.
    credentials = {"username": login_name_of(user)}
    user_login_failed.send_robust(__name__, credentials=credentials, request=request)
    signals.announce(signals.totp_recovery_failed, user=user, request=request, api=api)


def _recovered(
    link: Challenge, password: str, new_password: str | None, request: HttpRequest | None, api: str
) -> AbstractBaseUser:
    """Set the password, remove the second factor, and return the user that was saved."""
    user: AbstractBaseUser = link.user
    for _ in range(2):
        stored = user.password
        set_password(user, password, new_password)
        changed = _remove_factor(user, link, stored, request, api)
        if changed is None:
            return user
        # A login at the same time may have upgraded the hash, which is no change.
        if not changed.check_password(password):
            break
        user = changed
    raise errors.InvalidRecovery


@sensitive_variables()
def set_password(user: AbstractBaseUser, password: str, new_password: str | None) -> None:
    """Set the new password of `user`, or the same one with a new salt. Saves nothing.

    Does nothing without a new password if it is stored elsewhere (LDAP). As slow as the password
    hasher: call it outside of transactions.
    """
    if new_password is not None:
        user.set_password(new_password)
    elif check_password(password, user.password):
        user.set_password(password)


@retry_on_conflict
def _remove_factor(
    user: AbstractBaseUser, link: Challenge, stored: str, request: HttpRequest | None, api: str
) -> AbstractBaseUser | None:
    """Remove the factor and save the new password of `user`, whose hash was `stored`.

    If the hash has changed since, change nothing and return the user as it is now.
    """
    account = Account.of(user)
    # The account may have changed while the password was hashed.
    if account is None or account.generation != link.generation:
        raise errors.InvalidRecovery
    with transaction.atomic(using=database()):
        switch_off(account, is_reset=True)
        links.use_up(pk=link.pk)
        # Locked until the transaction ends, if the database can. Not with the default manager,
        # which may join other tables and then could not be locked.
        users = type(user)._base_manager.using(database())  # noqa: SLF001 - a documented name
        current = users.select_for_update().filter(pk=user.pk).first()
        if current is None or not current.is_active or address_of(current) != address_of(link.user):
            raise errors.InvalidRecovery
        if current.password != stored:
            transaction.set_rollback(True, using=database())
            return current
        record(user, Event.Type.RECOVERED, request=request, api=api)
        end_proofs(user, keep=link)
        user.save(using=database(), update_fields=["password"])  # which ends the sessions
    return None


def end_proofs(user: AbstractBaseUser, *, keep: Challenge | None = None) -> None:
    """End the user's devices, tokens, and challenges but `keep`; sessions stay.

    The caller holds a transaction in which it has removed the second factor with its codes.
    """
    mine = {"user_id": user.pk}
    TrustedDevice.objects.using(database()).filter(**mine).delete()
    challenges = Challenge.objects.using(database()).filter(**mine)
    (challenges if keep is None else challenges.exclude(pk=keep.pk)).delete()
    _blacklist_tokens(user)


def _blacklist_tokens(user: AbstractBaseUser) -> None:
    """Add all tokens of the user to the blacklist of the JWT library, if it is installed."""
    if not any(map(apps.is_installed, _BLACKLISTS)):
        return
    # Any: models of whichever library is installed; the plugin of mypy sees neither.
    model: Any = apps.get_model
    tokens = model("token_blacklist", "OutstandingToken").objects.filter(user_id=user.pk)
    blacklisted = model("token_blacklist", "BlacklistedToken")
    valid = tokens.filter(blacklistedtoken=None, expires_at__gt=timezone.now())
    rows = [blacklisted(token=token) for token in valid]
    blacklisted.objects.bulk_create(rows, ignore_conflicts=True)


@emails.in_context
def mail_disabled_notice(user_pk: str, username: str) -> None:
    """Notify the user that 2FA is off. A dispatcher runs this."""
    user = user_meant(user_pk, username)
    if user is not None and (address := address_of(user)):
        emails.disabled_message(user, address).send()


@sensitive_variables()
def cancel_recovery(
    uid: str, token: str, *, request: HttpRequest | None = None, api: str = ""
) -> None:
    """Cancel all recovery links of an account, with any one of them.

    Raises InvalidRecovery, RecoveryDisabled.
    """
    _require_enabled()
    link = links.open_link(uid, token)
    links.use_up(user_id=link.user_id)
    signals.announce(signals.totp_recovery_cancelled, user=link.user, request=request, api=api)
