"""The reference that is made from docstrings has every public name, and is up to date."""

import sys
from importlib import import_module

import pytest

from tests.docs.pages import ROOT, page

sys.path.append(str(ROOT / "scripts"))
import reference

sys.path.remove(str(ROOT / "scripts"))

FOLDER = "docs/reference/python"
MODULES = [(name, module) for name, (_, modules) in reference.PAGES.items() for module in modules]


@pytest.mark.parametrize("name", reference.rendered())
def test_a_page_is_as_the_docstrings_have_it(name):
    assert (ROOT / FOLDER / name).read_text(encoding="utf-8") == reference.rendered()[name]


def test_there_is_no_page_beside_them():
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == reference.rendered().keys()


@pytest.mark.parametrize(("name", "module"), MODULES, ids=[module for _, module in MODULES])
def test_every_public_name_of_a_module_is_on_its_page(name, module):
    public = set(import_module(module).__all__)
    text = (ROOT / FOLDER / f"{name}.md").read_text(encoding="utf-8")
    headings = {heading for level, heading in page(f"{FOLDER}/{name}.md").headings() if level == 3}

    twins = {one for one in public if f"awaitable twin `{one}`" in text}

    assert public - twins - headings == set()
    assert twins <= {f"a{heading}" for heading in headings}


@pytest.mark.parametrize(("name", "module"), MODULES, ids=[module for _, module in MODULES])
def test_every_public_name_has_a_docstring(name, module):
    names = reference.public_names(module)
    own = [one for one in names if not reference._is_twin(one, names)]

    assert [one for one in own if not reference._find(module, one).docstring] == []


def test_every_call_of_the_document_is_in_the_table_of_endpoints():
    operations = reference.rendered()["endpoints.md"].count("\n| `")

    assert operations == sum(
        len(methods)
        for methods in reference.json.loads(reference.OPENAPI.read_text())["paths"].values()
    )
