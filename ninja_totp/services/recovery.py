"""Recovering an account whose authenticator is lost: a link by e-mail, and the password.

A link is nothing but a right to try: it logs nobody in, and without the password it removes
nothing. Whoever asks for one is told the same, in the same time; what differs from account to
account happens in `mail_recovery_links`, after the answer. The texts are in `emails/`.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldError
from django.http import HttpRequest
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from ninja_totp import clock, emails, signals
from ninja_totp.conf import get_settings
from ninja_totp.core.errors import (
    InvalidRecovery,
    InvalidRecoveryPassword,
    NotEnabled,
    NotEnrolled,
    RecoveryDisabled,
)
from ninja_totp.models import Challenge
from ninja_totp.services.ended_access import end_access, same_password_anew
from ninja_totp.services.factor_change import change_factor
from ninja_totp.services.proof import Ground
from ninja_totp.services.recovery_links import (
    RecoveryLink,
    address_of,
    charged_link,
    consume_link,
    new_link,
    open_link,
)
from ninja_totp.services.swapping import database
from ninja_totp.services.totp import switched_off
from ninja_totp.twins import awaitable

__all__ = [
    "RecoveryLink",
    "acancel_recovery",
    "aconfirm_recovery",
    "agenerate_recovery_link",
    "arequest_recovery",
    "cancel_recovery",
    "confirm_recovery",
    "generate_recovery_link",
    "mail_disabled_notice",
    "mail_recovery_links",
    "request_recovery",
]

# An address is the user's own; a family may share one. More are a mistake or an attack.
_MOST_ACCOUNTS = 10


def _require_enabled() -> None:
    if not get_settings().recovery.enabled:
        raise RecoveryDisabled


def request_recovery(email: str) -> None:
    """Have everybody with this address mailed a link, if there is anybody.

    Returns at once, and in the same time for every address. Raises RecoveryDisabled.
    """
    _require_enabled()
    dispatch = get_settings().recovery.dispatcher
    dispatch(mail_recovery_links, email=email, language=translation.get_language())


@sensitive_variables()
def mail_recovery_links(email: str, language: str | None) -> None:
    """Mail a link to each account with this address that has a factor and no recent link.

    The slow part of `request_recovery`, to be run by a dispatcher.
    """
    with translation.override(language):
        for user, address in _accounts(email):
            link = new_link(user, respect_cooldown=True)
            if link is not None:
                emails.recovery_message(user, address, link.uid, link.token).send()
                signals.announce(signals.totp_recovery_requested, user=user, request=None)


def _accounts(email: str) -> Iterator[tuple[AbstractBaseUser, str]]:
    name = get_user_model().get_email_field_name()
    try:
        matching = _users().filter(**{f"{name}__iexact": email}).order_by("pk")
    except FieldError:  # the users of this project have no address
        return
    for user in matching[:_MOST_ACCOUNTS]:
        # To the stored address, not to the one that was typed: the database may take more for
        # equal than it is, and a look-alike is somebody else's (CVE-2019-19844).
        if user.is_active and user.has_usable_password():
            yield user, address_of(user)


def _users() -> Any:  # Any: a queryset of the user model
    return get_user_model()._default_manager.using(database())  # noqa: SLF001 - a documented name


def generate_recovery_link(user: AbstractBaseUser) -> RecoveryLink:
    """Open a recovery for the user, whatever the cool-down, and return what a link must hold.

    For a project that sends a mail of its own. Earlier links no longer work. Raises
    RecoveryDisabled, and NotEnabled without a confirmed factor.
    """
    _require_enabled()
    link = new_link(user, respect_cooldown=False)
    if link is None:
        raise NotEnabled
    return link


@sensitive_variables()
def confirm_recovery(
    uid: str, token: str, password: str, *, request: HttpRequest | None = None
) -> None:
    """Remove the factor of the account, end its sessions, and mail a notice.

    The password is looked at behind a right link only, and a few times for each link. Raises
    InvalidRecovery (see `open_link`), RecoveryNotYet, InvalidRecoveryPassword, RecoveryDisabled.
    """
    _require_enabled()
    link = charged_link(uid, token)
    user = link.user
    if not user.check_password(password):
        raise InvalidRecoveryPassword
    _remove_factor(link, password, request)
    signals.announce(signals.totp_recovery_succeeded, user=user, request=request)
    signals.announce(signals.totp_disabled, user=user, request=request)
    dispatch = get_settings().recovery.dispatcher
    dispatch(mail_disabled_notice, user_pk=str(user.pk), language=translation.get_language())


@sensitive_variables()
def _remove_factor(link: Challenge, password: str, request: HttpRequest | None) -> None:
    anew = same_password_anew(link.user, password)

    def finish(_: Ground) -> None:
        consume_link(link)
        end_access(link.user, anew, keep=link)

    try:
        change_factor(link.user, None, changes=_reset, alongside=finish, request=request)
    except NotEnrolled:  # switched off while the password was looked at
        raise InvalidRecovery from None


def _reset(ground: Ground) -> dict[str, Any]:
    return switched_off(ground) | {"reset_epoch": clock.now()}


def mail_disabled_notice(user_pk: str, language: str | None) -> None:
    """Tell the user that the factor is gone. To be run by a dispatcher."""
    user = _users().get(pk=user_pk)
    if address := address_of(user):
        with translation.override(language):
            emails.disabled_message(user, address).send()


@sensitive_variables()
def cancel_recovery(uid: str, token: str, *, request: HttpRequest | None = None) -> None:
    """Make a link void, by whoever holds it. Raises InvalidRecovery, RecoveryDisabled."""
    _require_enabled()
    link = open_link(uid, token)
    consume_link(link)
    signals.announce(signals.totp_recovery_cancelled, user=link.user, request=request)


arequest_recovery = awaitable(request_recovery)
agenerate_recovery_link = awaitable(generate_recovery_link)
aconfirm_recovery = awaitable(confirm_recovery)
acancel_recovery = awaitable(cancel_recovery)
