"""The reference that the site makes from docstrings: every public name of its modules has one."""

import re

import griffe
import pytest

from tests.docs.pages import ROOT

FOLDER = ROOT / "docs" / "reference" / "python"
MODULES = {
    module: page.stem
    for page in FOLDER.glob("*.md")
    for module in re.findall(r"^::: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
}
EXTENSIONS = griffe.load_extensions("griffe_public_redundant_aliases")
SOURCES = griffe.GriffeLoader(extensions=EXTENSIONS, search_paths=[ROOT])
for package in ("ninja_totp", "drf_compat"):
    SOURCES.load(package)
SOURCES.resolve_aliases()


def public_names(module):
    """The public names of a module and what each is, but for asynchronous variants."""
    members = SOURCES.modules_collection[module].members
    public = {name: member for name, member in members.items() if member.is_public}
    return {
        name: member
        for name, member in public.items()
        if not member.is_module and not (name[0] == "a" and name[1:] in public)
    }


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_a_docstring(module):
    names = public_names(module)

    assert names
    assert [name for name, member in names.items() if not member.has_docstring] == []
