"""The messages about what happened to a factor: one text for each kind of event.

That a factor was switched off is said by `messages.disabled_message`, as after a recovery.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext_lazy as _, ngettext

from ninja_totp.conf import get_settings
from ninja_totp.emails.messages import disabled_message, message
from ninja_totp.models.users import login_name_of

_NOT_YOU = _("Wasn't you? Someone may know your password. Change it now and contact us.")


@dataclass(frozen=True, slots=True)
class _Text:
    """What a message says; translated when it is formatted.

    With %(site_name)s, %(name)s and, in the sentence alone, %(authenticator)s: what users write
    themselves has no place in a subject.
    """

    headline: Any  # Any: a lazy translation
    sentence: Any
    advice: Any = _NOT_YOU


_TEXTS: Mapping[str, _Text] = {
    "enabled": _Text(
        _("The second factor of your %(site_name)s account is on"),
        _(
            "From now on, logging in to the %(site_name)s account %(name)s needs a code from "
            "your authenticator app."
        ),
    ),
    "reset": _Text(
        _("The second factor of your %(site_name)s account was removed"),
        _(
            "Someone who works for %(site_name)s removed the second factor of the account "
            "%(name)s. You can now log in with the password alone. Set up a new authenticator soon."
        ),
        _("Didn't ask for this? Change your password now and contact us."),
    ),
    "replaced": _Text(
        _("The authenticator of your %(site_name)s account was replaced"),
        _(
            "Codes for the %(site_name)s account %(name)s now come from another authenticator. "
            "The old one and the old backup codes no longer work."
        ),
    ),
    "authenticator_added": _Text(
        _("Your %(site_name)s account has another authenticator"),
        _(
            "From now on, codes of the authenticator “%(authenticator)s” are accepted for the "
            "%(site_name)s account %(name)s too."
        ),
        _(
            "Wasn't you? Someone may know your password and one of your codes. Remove that "
            "authenticator, change your password now, and contact us."
        ),
    ),
    "authenticator_renamed": _Text(
        _("An authenticator of your %(site_name)s account has another name"),
        _(
            "An authenticator of the %(site_name)s account %(name)s is now called "
            "“%(authenticator)s”."
        ),
    ),
    "authenticator_removed": _Text(
        _("An authenticator of your %(site_name)s account was removed"),
        _(
            "Codes of the authenticator “%(authenticator)s” are no longer accepted for the "
            "%(site_name)s account %(name)s."
        ),
    ),
    "backup_codes_rotated": _Text(
        _("Your %(site_name)s account has new backup codes"),
        _(
            "The backup codes of the %(site_name)s account %(name)s were replaced. The old ones "
            "no longer work."
        ),
    ),
    "backup_code_used": _Text(
        _("A backup code of your %(site_name)s account was used"),
        _(
            "A backup code of the %(site_name)s account %(name)s was used in place of a code of "
            "the authenticator."
        ),
        _(
            "Wasn't you? Someone may have your backup codes. Change your password, create new "
            "backup codes now, and contact us."
        ),
    ),
    "replayed": _Text(
        _("A code of your %(site_name)s account was tried twice"),
        _(
            "A code of the %(site_name)s account %(name)s was entered again after it had been "
            "used, and was refused."
        ),
        _(
            "Wasn't you? Someone may have seen your password and that code, perhaps on a page that "
            "only looks like ours. Change your password now and contact us."
        ),
    ),
    "pair_failed": _Text(
        _("Two wrong codes in a row for your locked %(site_name)s account"),
        _(
            "Someone with the password of the %(site_name)s account %(name)s tried to end its lock "
            "by two consecutive codes, which were wrong."
        ),
    ),
    "device_trusted": _Text(
        _("A device is trusted to log in to your %(site_name)s account"),
        _(
            "A device is trusted for the %(site_name)s account %(name)s: for some time, it logs in "
            "with the password alone."
        ),
        _(
            "Wasn't you? Someone may have your password and a code. Change your password now, "
            "which also removes all trusted devices, and contact us."
        ),
    ),
    "device_reused": _Text(
        _("A trusted device of your %(site_name)s account may have been copied"),
        _(
            "A token of a trusted device of the %(site_name)s account %(name)s was used a second "
            "time. The device is no longer trusted."
        ),
        _(
            "The device or a copy of its token may be in someone else's hands, and your password "
            "is known there. Change your password now and contact us."
        ),
    ),
    "locked": _Text(
        _("Wrong codes for your %(site_name)s account"),
        _(
            "Too many wrong codes were entered for the %(site_name)s account %(name)s. It accepts "
            "no codes for now."
        ),
    ),
}


def notice_message(
    event: str,
    user: AbstractBaseUser,
    to: str,
    *,
    address: str | None = None,
    codes_left: int | None = None,
    authenticator: str = "",
) -> EmailMultiAlternatives:
    """Return the message about an event, in the language that is active.

    `address` is where it came from, as far as that is known; `codes_left` is the number of unused
    backup codes and `authenticator` the name of one, where they matter. KeyError for an event
    without a mail.
    """
    if event == "disabled":
        return disabled_message(user, to)
    settings, text = get_settings(), _TEXTS[event]
    names = {"site_name": settings.site_name, "name": login_name_of(user)}
    values = {
        "event": event,
        "headline": text.headline % names,
        "sentence": text.sentence % {**names, "authenticator": authenticator},
        "advice": text.advice,
        "codes_left": "" if codes_left is None else _codes_left(codes_left),
        "address": address,
    }
    return message(settings.notice_email_template, user, to, values)


def _codes_left(number: int) -> str:
    return ngettext(
        "%(number)d backup code is left.", "%(number)d backup codes are left.", number
    ) % {"number": number}
