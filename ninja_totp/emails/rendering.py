"""Render a mail from the blocks of one Django template: subject, text_body, html_body.

The blocks may be in the template itself or in a template that it extends.
"""

from collections.abc import Mapping
from functools import cache
from secrets import token_hex
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine, RequestContext, TemplateDoesNotExist
from django.views.decorators.debug import sensitive_variables


@sensitive_variables()
def fill_in(
    mail: EmailMultiAlternatives,
    template_name: str,
    values: Mapping[str, Any],
    *,
    request: Any = None,  # Any: a request of Django's or of REST framework's
) -> None:
    """Set the subject and the bodies of `mail`. Raises TemplateDoesNotExist.

    A part is empty if the template has no such block. With a `request`, the context processors of
    the project run too.
    """
    subject, text, html = [
        _block(name, template_name, values, request)
        for name in ("subject", "text_body", "html_body")
    ]
    # One line: after a line break, the rest would be another header.
    mail.subject = " ".join(subject.split())
    mail.body = text or html
    if text and html:
        mail.attach_alternative(html, "text/html")
    elif html:
        mail.content_subtype = "html"


@sensitive_variables()
def _block(name: str, template_name: str, values: Mapping[str, Any], request: Any) -> str:
    # Only HTML is escaped: a subject may contain an ampersand.
    escaping = "on" if name == "html_body" else "off"
    # The block is between two random marks, which no value can contain.
    mark = token_hex()
    child = _engine_for(template_name).from_string(
        "{% extends totp_template %}"
        f"{{% block {name} %}}{{% autoescape {escaping} %}}"
        f"{mark}{{{{ block.super }}}}{mark}"
        "{% endautoescape %}{% endblock %}"
    )
    context = Context() if request is None else RequestContext(request)
    context.update({**values, "totp_template": template_name})
    _, *block = child.render(context).split(mark)
    return block[0].strip() if block else ""


def _engine_for(template_name: str) -> Engine:
    try:
        engine = Engine.get_default()
        engine.get_template(template_name)
    except (ImproperlyConfigured, TemplateDoesNotExist):
        return _own_engine()
    return engine


@cache
def _own_engine() -> Engine:
    # For a project without TEMPLATES, or without APP_DIRS.
    return Engine(app_dirs=True, libraries={"i18n": "django.templatetags.i18n"})
