"""The documentation as a site: every page is in its navigation, and a broken link stops the build.

`make docs` builds it, and runs the tests that need the builders.
"""

import re
import sys

import pytest

from tests.docs.pages import ROOT, pages

BUILDERS = ("mkdocs", "zensical")


def test_every_page_is_in_the_navigation_once():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"^ +- (\S+\.md)$", navigation, flags=re.MULTILINE)
    project = {"CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md"}
    example = {"examples/typescript/README.md"}

    assert sorted(listed) == sorted({page.path for page in pages()} | project | example)


@pytest.fixture
def site(monkeypatch, tmp_path):
    """The function that builds, and a folder that it builds in."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "scripts")])
    import documentation

    documentation.lay_out(tmp_path)
    return documentation.builds, tmp_path


@pytest.mark.site
@pytest.mark.slow
@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("target", ["no-such-page.md", "index.md#no-such-heading"])
def test_a_broken_link_stops_the_build(site, builder, target):
    builds, folder = site
    page = folder / "build" / "docs" / "docs" / "index.md"
    page.write_text(page.read_text() + f"\n[broken]({target})\n")

    assert not builds(builder, folder)
