"""Which users get a recovery mail, and what happens if sending fails.

These are jobs for a dispatcher, so each can be imported by name and takes JSON values. The texts
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
from ninja_totp.services.recovery.links import encode_uid, new_link, withdraw_link

# A family may share an address. More accounts are a mistake or an attack.
_MOST_ACCOUNTS = 10


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
        # The owner may ask again at once. Earlier links still work.
        withdraw_link(link)
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


@emails.in_context
def mail_disabled_notice(user_pk: str, username: str) -> None:
    """Notify the user that 2FA is off. A dispatcher runs this."""
    user = user_meant(user_pk, username)
    if user is not None and (address := address_of(user)):
        emails.disabled_message(user, address).send()
