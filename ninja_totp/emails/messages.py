"""The two mails about recovery, ready to be sent, and how any mail is rendered.

A mail is the blocks of one Django template (subject, text_body, html_body), or of a template that
it extends. Links use the settings, never the Host header, which an attacker can choose.
"""

from collections.abc import Mapping
from functools import cache
from secrets import token_hex
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine, RequestContext, TemplateDoesNotExist
from django.views.decorators.debug import sensitive_variables

from ninja_totp.conf import get_settings


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
