"""A message out of the blocks of one Django template: subject, text_body, html_body.

The blocks may stand in the template itself or in one that it extends.
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

    A part is empty where the template has no such block. With a `request`, the context processors
    of the project run as well.
    """
    subject, text, html = [
        _block(name, template_name, values, request)
        for name in ("subject", "text_body", "html_body")
    ]
    # One line: a header ends with a line break, and what comes after would be another header.
    mail.subject = " ".join(subject.split())
    mail.body = text or html
    if text and html:
        mail.attach_alternative(html, "text/html")
    elif html:
        mail.content_subtype = "html"


@sensitive_variables()
def _block(name: str, template_name: str, values: Mapping[str, Any], request: Any) -> str:
    # Only HTML is escaped: an ampersand in the name of a site is one in a subject too.
    escaping = "on" if name == "html_body" else "off"
    # The block lies between two marks that no value can foresee.
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
    # For a project whose TEMPLATES is empty, or leaves out the folders of applications.
    return Engine(app_dirs=True, libraries={"i18n": "django.templatetags.i18n"})
