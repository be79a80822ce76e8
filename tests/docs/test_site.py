"""The documentation as a site: every page is in its navigation, and a broken link stops the build.

`make docs` builds it, and runs the tests that need MkDocs.
"""

import re

import pytest

from scripts.documentation import build, lay_out
from tests.docs.pages import ROOT, pages
from tests.docs.test_docstrings import MODULES, public_names


def test_every_page_is_in_the_navigation_once():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"^ +- (\S+\.md)$", navigation, flags=re.MULTILINE)
    project = {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"}
    other = {"benchmarks/README.md", "examples/typescript/README.md"}

    assert sorted(listed) == sorted({page.path for page in pages()} | project | other)


@pytest.fixture
def folder(tmp_path):
    """A folder in which the site can be built."""
    lay_out(tmp_path)
    return tmp_path


@pytest.mark.site
@pytest.mark.slow
@pytest.mark.parametrize("target", ["no-such-page.md", "index.md#no-such-heading"])
def test_a_broken_link_stops_the_build(folder, target):
    page = folder / "build" / "docs" / "docs" / "index.md"
    page.write_text(page.read_text() + f"\n[broken]({target})\n")

    assert not build(folder)


@pytest.mark.site
@pytest.mark.slow
def test_the_site_shows_every_public_name(folder):
    assert build(folder)

    for module, page in MODULES.items():
        shown = (folder / f"build/site/docs/reference/python/{page}/index.html").read_text("utf-8")
        missing = [name for name in public_names(module) if f'id="{module}.{name}"' not in shown]
        assert missing == [], module
