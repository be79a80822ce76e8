"""The mails, ready to be sent: about recovery, and a notice for each kind of event.

A mail is the blocks of one Django template (subject, text_body, html_body), or of a template that
it extends. Links use the settings, never the Host header, which an attacker can choose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from secrets import token_hex
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine, RequestContext, TemplateDoesNotExist
from django.utils.translation import gettext_lazy as _, ngettext
from django.views.decorators.debug import sensitive_variables

from ninja_totp.conf import get_settings
from ninja_totp.models.users import login_name_of

_NOT_YOU = _("Wasn't you? Someone may know your password. Change it now and contact us.")


@dataclass(frozen=True, slots=True)
class _Text:
    # With %(site_name)s, %(name)s and, in the sentence only, %(authenticator)s: text that users
    # type does not belong in a subject.
    headline: Any  # Any: a lazy translation
    sentence: Any
    advice: Any = _NOT_YOU


_TEXTS: Mapping[str, _Text] = {
    "enabled": _Text(
        _("Two-factor authentication is on for your %(site_name)s account"),
        _(
            "From now on, you need a code from your authenticator app to log in to the "
            "%(site_name)s account %(name)s."
        ),
    ),
    "reset": _Text(
        _("Two-factor authentication was removed from your %(site_name)s account"),
        _(
            "The staff of %(site_name)s removed two-factor authentication from the account "
            "%(name)s. You can now log in with your password alone. Set up a new authenticator "
            "soon."
        ),
        _("Didn't ask for this? Change your password now and contact us."),
    ),
    "replaced": _Text(
        _("The authenticator of your %(site_name)s account was replaced"),
        _(
            "Codes for the %(site_name)s account %(name)s now come from a new authenticator. The "
            "old one and the old backup codes no longer work."
        ),
    ),
    "authenticator_added": _Text(
        _("An authenticator was added to your %(site_name)s account"),
        _(
            "You can now also log in to the %(site_name)s account %(name)s with codes from the "
            "authenticator “%(authenticator)s”."
        ),
        _(
            "Wasn't you? Someone may know your password and one of your codes. Remove that "
            "authenticator, change your password now, and contact us."
        ),
    ),
    "authenticator_renamed": _Text(
        _("An authenticator of your %(site_name)s account was renamed"),
        _(
            "An authenticator of the %(site_name)s account %(name)s is now called "
            "“%(authenticator)s”."
        ),
    ),
    "authenticator_removed": _Text(
        _("An authenticator was removed from your %(site_name)s account"),
        _(
            "Codes from the authenticator “%(authenticator)s” no longer work for the "
            "%(site_name)s account %(name)s."
        ),
    ),
    "backup_codes_rotated": _Text(
        _("Your %(site_name)s account has new backup codes"),
        _("The %(site_name)s account %(name)s has new backup codes. The old ones no longer work."),
    ),
    "backup_code_used": _Text(
        _("A backup code of your %(site_name)s account was used"),
        _(
            "A backup code was used for the %(site_name)s account %(name)s, instead of a code from "
            "the authenticator app."
        ),
        _(
            "Wasn't you? Someone may have your backup codes. Change your password, create new "
            "backup codes now, and contact us."
        ),
    ),
    "replayed": _Text(
        _("A code for your %(site_name)s account was entered twice"),
        _(
            "A code for the %(site_name)s account %(name)s was entered again after it had been "
            "used. It was refused."
        ),
        _(
            "Wasn't you? Someone may have seen your password and that code, for example on a fake "
            "login page. Change your password now and contact us."
        ),
    ),
    "pair_failed": _Text(
        _("Wrong codes for your locked %(site_name)s account"),
        _(
            "Someone with the password of the %(site_name)s account %(name)s tried to unlock it "
            "with two codes. The codes were wrong."
        ),
    ),
    "device_trusted": _Text(
        _("A new trusted device for your %(site_name)s account"),
        _(
            "A device is now trusted for the %(site_name)s account %(name)s. For some time, it "
            "logs in with the password alone."
        ),
        _(
            "Wasn't you? Someone may have your password and a code. Change your password now and "
            "contact us. A new password removes all trusted devices."
        ),
    ),
    "device_reused": _Text(
        _("A trusted device of your %(site_name)s account may have been copied"),
        _(
            "The token of a trusted device was used twice for the %(site_name)s account %(name)s. "
            "The device is no longer trusted."
        ),
        _(
            "Someone may have a copy of the token and know your password. Change your password "
            "now and contact us."
        ),
    ),
    "locked": _Text(
        _("Too many wrong codes for your %(site_name)s account"),
        _(
            "Too many wrong codes were entered for the %(site_name)s account %(name)s. Codes are "
            "not accepted for now."
        ),
    ),
}


def site_values() -> dict[str, Any]:
    """Return the variables of every template: `site_name`, `protocol`, `domain`."""
    return get_settings().model_dump(include={"site_name", "protocol", "domain"})


@sensitive_variables()
def recovery_values(uid: str, token: str) -> dict[str, Any]:
    """Return the additional variables of the recovery mail: the paths, and the times in minutes."""
    settings = get_settings()
    return {
        "uid": uid,
        "token": token,
        "url": settings.recovery_confirm_url.format(uid=uid, token=token),
        "cancel_url": settings.recovery_cancel_url.format(uid=uid, token=token),
        "valid_minutes": settings.recovery_max_age // 60,
        "delay_minutes": -(-settings.recovery_delay // 60),
    }


@sensitive_variables()
def message(
    template: str, user: AbstractBaseUser, to: str, values: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """Return the message to one address, from DEFAULT_FROM_EMAIL."""
    mail = EmailMultiAlternatives(to=[to])
    fill_in(mail, template, {**site_values(), "user": user, **values})
    return mail


@sensitive_variables()
def recovery_message(
    user: AbstractBaseUser, to: str, uid: str, token: str
) -> EmailMultiAlternatives:
    """Return the mail with the recovery link for `user`."""
    return message(get_settings().recovery_email_template, user, to, recovery_values(uid, token))


def disabled_message(user: AbstractBaseUser, to: str) -> EmailMultiAlternatives:
    return message(get_settings().disabled_email_template, user, to, {})


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

    `address` is the IP address if it is known, `codes_left` the number of unused backup codes, and
    `authenticator` the name of the authenticator. KeyError for an event without a mail.
    """
    if event == "disabled":
        return disabled_message(user, to)
    settings, text = get_settings(), _TEXTS[event]
    names = {"site_name": settings.site_name, "name": login_name_of(user)}
    left = ""
    if codes_left is not None:
        left = ngettext(
            "%(number)d backup code is left.", "%(number)d backup codes are left.", codes_left
        ) % {"number": codes_left}
    values = {
        "event": event,
        "headline": text.headline % names,
        "sentence": text.sentence % {**names, "authenticator": authenticator},
        "advice": text.advice,
        "codes_left": left,
        "address": address,
    }
    return message(settings.notice_email_template, user, to, values)


@sensitive_variables()
def fill_in(
    mail: EmailMultiAlternatives, template: str, values: Mapping[str, Any], *, request: Any = None
) -> None:
    """Set the subject and the bodies of `mail`. Raises TemplateDoesNotExist.

    A part is empty if the template has no such block. With a `request`, Django's or REST
    framework's, the context processors of the project run too.
    """
    names = ("subject", "text_body", "html_body")
    subject, text, html = [_block(name, template, values, request) for name in names]
    # One line: after a line break, the rest would be another header.
    mail.subject = " ".join(subject.split())
    mail.body = text or html
    if text and html:
        mail.attach_alternative(html, "text/html")
    elif html:
        mail.content_subtype = "html"


@sensitive_variables()
def _block(name: str, template: str, values: Mapping[str, Any], request: Any) -> str:
    # Only HTML is escaped: a subject may contain an ampersand.
    escaping = "on" if name == "html_body" else "off"
    # The block is between two random marks, which no value can contain.
    mark = token_hex()
    child = _engine_for(template).from_string(
        "{% extends totp_template %}"
        f"{{% block {name} %}}{{% autoescape {escaping} %}}"
        f"{mark}{{{{ block.super }}}}{mark}"
        "{% endautoescape %}{% endblock %}"
    )
    context = Context() if request is None else RequestContext(request)
    context.update({**values, "totp_template": template})
    _, *block = child.render(context).split(mark)
    return block[0].strip() if block else ""


def _engine_for(template: str) -> Engine:
    try:
        engine = Engine.get_default()
        engine.get_template(template)
    except (ImproperlyConfigured, TemplateDoesNotExist):
        return _own_engine()
    return engine


@cache
def _own_engine() -> Engine:
    # For a project without TEMPLATES, or without APP_DIRS.
    return Engine(app_dirs=True, libraries={"i18n": "django.templatetags.i18n"})
