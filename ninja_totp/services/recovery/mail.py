"""Who is mailed about a recovery, and when a mail fails.

Jobs for a dispatcher, so each can be imported by its name and takes what JSON can hold. The texts
are in `emails/`.
"""

from collections.abc import Iterator
from contextlib import suppress

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldError
from django.views.decorators.debug import sensitive_variables

from ninja_totp import emails, signals
from ninja_totp.models.users import address_of, all_users, user_meant
from ninja_totp.services.recovery.links import encoded_uid, new_link, withdraw_link

# An address is the user's own; a family may share one. More are a mistake or an attack.
_MOST_ACCOUNTS = 10


@emails.in_context
@sensitive_variables()
def mail_recovery_links(email: str) -> None:
    """Mail a link to each account with this address that has a factor and no recent link.

    The slow part of `request_recovery`. A mail that fails keeps no other one back and leaves no
    trace; the failures are raised together at the end.
    """
    failures: list[Exception] = []
    mailed = 0
    for user, address in _accounts(email):
        # Those in a cool-down take nobody's place: the next request reaches the next ones.
        if mailed + len(failures) == _MOST_ACCOUNTS:
            break
        try:
            mailed += _mail_link(user, address)
        except Exception as failure:  # noqa: BLE001 - each backend has its own
            failures.append(failure)
    if not mailed:
        _mail_nobody(email)
    if failures:
        raise ExceptionGroup("Not every link could be mailed.", failures)


@sensitive_variables()
def _mail_link(user: AbstractBaseUser, address: str) -> bool:
    link = new_link(user, is_asked_for=True)
    if link is None:
        return False
    try:
        emails.recovery_message(user, address, link.uid, link.token).send()
    except BaseException:
        # The owner may ask again at once. Links that were mailed before have not been touched.
        withdraw_link(link)
        raise
    signals.announce(signals.totp_recovery_requested, user=user, request=None)
    return True


@sensitive_variables()
def _mail_nobody(email: str) -> None:
    """Do what a mail costs this process, but for the database's writes and the sending."""
    # A template of the project may want more of a user than there is.
    with suppress(Exception):
        nobody = get_user_model()(**{get_user_model().get_email_field_name(): email})
        emails.recovery_message(nobody, email, encoded_uid(0), "0" * 48).message().as_bytes()


def _accounts(email: str) -> Iterator[tuple[AbstractBaseUser, str]]:
    name = get_user_model().get_email_field_name()
    having = {f"{name}__iexact": email, "ninja_totp__confirmed_at__isnull": False}
    try:
        matching = all_users().filter(**having).order_by("pk")
    except FieldError:  # the users of this project have no address
        return
    # Whoever cannot be mailed takes nobody's place.
    able = (user for user in matching if user.is_active and user.has_usable_password())
    for user in able:
        # To the stored address, not to the one that was typed: the database may take more for
        # equal than it is, and a look-alike is somebody else's (CVE-2019-19844).
        yield user, address_of(user)


@emails.in_context
def mail_disabled_notice(user_pk: str, username: str) -> None:
    """Tell the user that the factor is gone. To be run by a dispatcher."""
    user = user_meant(user_pk, username)
    if user is not None and (address := address_of(user)):
        emails.disabled_message(user, address).send()
