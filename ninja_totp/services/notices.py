"""Telling users by mail what happened to their factor, so that a thief cannot change it unseen.

Sent after the commit and outside of the request, by the dispatcher that recovery uses: neither
the answer nor its time depends on the mail server, and a mail that fails changes nothing.
"""

from collections.abc import Iterable
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.utils import translation

from ninja_totp import emails
from ninja_totp.conf import get_settings
from ninja_totp.models import BackupCode, Event
from ninja_totp.services.accounts import address_of, all_users
from ninja_totp.services.swapping import database
from ninja_totp.signals import after_commit

__all__ = ["mail_notice", "notify"]


def notify(user: AbstractBaseUser, types: Iterable[Event.Type], *, address: str | None) -> None:
    """Have the user mailed about those of the events that the site wants mail about.

    `address` is where they came from, as the history keeps it. Nobody is asked here whether the
    user has a mailbox.
    """
    settings = get_settings()
    for event in types:
        if event in settings.notices:
            after_commit(
                partial(
                    settings.recovery.dispatcher,
                    mail_notice,
                    event=str(event),
                    user_pk=str(user.pk),
                    language=translation.get_language(),
                    address=address,
                )
            )


def mail_notice(event: str, user_pk: str, language: str | None, address: str | None) -> None:
    """Mail the user about one event. To be run by a dispatcher.

    Nothing happens when the user is gone by now, or has no mailbox.
    """
    user = all_users().filter(pk=user_pk).first()
    if user is None:
        return
    to = address_of(user)
    if not to:
        return
    codes_left = _codes_left(user) if event == Event.Type.BACKUP_CODE_USED else None
    with translation.override(language):
        emails.notice_message(event, user, to, address=address, codes_left=codes_left).send()


def _codes_left(user: AbstractBaseUser) -> int:
    return BackupCode.objects.using(database()).filter(user_id=user.pk, used_at=None).count()
