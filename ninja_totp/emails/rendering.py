"""A message out of the blocks of one Django template: subject, text_body, html_body.

The blocks may stand in the template itself or in one that it extends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template import TemplateDoesNotExist, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import Template
from django.template.context import Context, make_context
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode
from django.views.decorators.debug import sensitive_variables

__all__ = ["Rendered", "render"]


@dataclass(frozen=True, slots=True, repr=False)
class Rendered:
    """A message as its parts; a part is empty where the template has no such block."""

    subject: str
    text: str
    html: str


@sensitive_variables()
def render(template_name: str, values: Mapping[str, Any], *, request: Any = None) -> Rendered:
    """Return the blocks of the template. Raises TemplateDoesNotExist.

    With a `request` the context processors of the project run as well. Only HTML is escaped: an
    ampersand in the name of a site is one in a subject too.
    """
    template = _template(template_name)
    subject, text, html = [
        _block(template, name, make_context(dict(values), request, autoescape=name == "html_body"))
        for name in ("subject", "text_body", "html_body")
    ]
    # One line: a header ends with a line break, and what comes after would be another header.
    return Rendered(" ".join(subject.split()), text, html)


def _template(name: str) -> Template:
    missing = TemplateDoesNotExist(name)
    for backend in _backends():
        try:
            return backend.get_template(name).template
        except TemplateDoesNotExist as error:
            missing = error
    raise missing


def _backends() -> Iterator[DjangoTemplates]:
    for backend in engines.all():
        if isinstance(backend, DjangoTemplates):
            yield backend
    yield _own_backend()


@cache
def _own_backend() -> DjangoTemplates:
    # For a project that serves an API alone: without TEMPLATES, or with another language in it.
    return DjangoTemplates({"NAME": "ninja_totp", "DIRS": [], "APP_DIRS": True, "OPTIONS": {}})


@sensitive_variables()
def _block(template: Template, name: str, context: Context) -> str:
    with context.render_context.push_state(template), context.bind_template(template):
        blocks = _blocks_of(template, context)
        if name not in blocks.blocks:
            return ""
        context.render_context[BLOCK_CONTEXT_KEY] = blocks
        return str(blocks.get_block(name).render(context)).strip()


def _blocks_of(template: Template, context: Context) -> BlockContext:
    # As ExtendsNode does while it renders: the youngest template first.
    blocks = BlockContext()
    while True:
        nodes = template.nodelist.get_nodes_by_type(BlockNode)
        blocks.add_blocks({node.name: node for node in nodes if isinstance(node, BlockNode)})
        parents = [node for node in template.nodelist if isinstance(node, ExtendsNode)]
        if not parents:
            return blocks
        template = parents[0].get_parent(context)
