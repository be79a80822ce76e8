"""The documentation as a site: every page is in its navigation, and a broken link stops the build.

`make docs` builds it, and runs the tests that need MkDocs.
"""

import re

import pytest

from scripts.documentation import build, lay_out, llms, navigation, source_of
from tests.docs.pages import PROJECT, REPOSITORY, ROOT, in_the_tree, pages
from tests.docs.test_docstrings import MODULES, public_names

NAVIGATION = navigation()
LISTED = [page for _, _, page in NAVIGATION if page]
TABS = ["Tutorials", "Guides", "Reference", "Explanation"]


def setting(name):
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    return re.search(rf"^{name}: (\S+)$", text, re.MULTILINE)[1]


def test_every_page_is_in_the_navigation_once():
    project = {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"}
    other = {
        *("benchmarks/README.md", "clients/typescript/README.md"),
        "examples/typescript/README.md",
    }

    listed = sorted(source_of(page) for page in LISTED)
    assert listed == sorted({page.path for page in pages()} | project | other)


def test_each_kind_of_page_has_a_tab_and_the_landing_page_is_not_the_readme():
    tabs = [title for depth, title, page in NAVIGATION if depth == 0 and not page]
    features = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert [title for title in tabs if title in TABS] == TABS
    assert NAVIGATION[0] == (0, "Home", "index.md")
    assert source_of("index.md") == "docs/index.md"
    assert "    - navigation.tabs\n" in features


def test_titles_in_the_navigation_are_short():
    assert [title for _, title, _ in NAVIGATION if len(title) > 24] == []


def test_the_site_names_the_repository_and_its_own_address_as_the_package_does():
    assert setting("repo_url") == REPOSITORY
    assert setting("site_url") == PROJECT["urls"]["Documentation"]
    assert setting("edit_uri") == "edit/main/docs/"


def test_language_models_are_told_of_every_page():
    addresses = re.findall(r"^- \[[^\]]+\]\((\S+)\): [A-Za-z`*].+[.?]$", llms(), re.MULTILINE)

    told = [in_the_tree(address) for address in addresses]
    assert told == [source_of(page) for page in LISTED if page != "index.md"]
    assert all((ROOT / path).is_file() for path in told)


@pytest.fixture
def folder(tmp_path):
    """A folder in which the site can be built."""
    lay_out(tmp_path)
    return tmp_path


def test_a_link_to_a_page_stays_in_the_site_and_one_to_another_file_leads_to_the_repository(folder):
    laid_out = folder / "build/docs"
    quick = (laid_out / "quick-start.md").read_text(encoding="utf-8")
    design = (laid_out / "explanation/design.md").read_text(encoding="utf-8")

    assert "](explanation/guarantees.md)" in quick
    assert f"]({REPOSITORY}/blob/main/LICENSE)" in quick
    assert "](assets/login.svg)" in quick
    assert "](../../ninja_totp" not in design
    assert f"]({REPOSITORY}/blob/main/ninja_totp/" in design
    assert (laid_out / "llms.txt").read_text(encoding="utf-8") == llms()


@pytest.mark.site
@pytest.mark.slow
def test_broken_links_stop_the_build(folder, capfd):
    page = folder / "build" / "docs" / "index.md"
    targets = ["no-such-page.md", "index.md#no-such-heading"]
    page.write_text(page.read_text() + "".join(f"\n[broken]({target})\n" for target in targets))

    assert not build(folder)

    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("WARNING")]
    warned = [re.search(r"contains a link '([^']+)'", line)[1] for line in lines]
    assert sorted(warned) == sorted(targets)


@pytest.mark.site
@pytest.mark.slow
def test_the_site_shows_every_public_name_and_how_to_edit_each_page():
    lay_out(ROOT)

    assert build(ROOT)

    site = ROOT / "build/site"
    for module, page in MODULES.items():
        shown = (site / f"reference/python/{page}/index.html").read_text("utf-8")
        missing = [name for name in public_names(module) if f'id="{module}.{name}"' not in shown]
        assert missing == [], module
    for page in LISTED:
        address = re.sub(r"(^|/)index\.md$", r"\1", page).removesuffix(".md")
        shown = (site / address / "index.html").read_text("utf-8")
        edited = re.findall(rf'href="{REPOSITORY}/edit/main/([^"]+)"', shown)
        assert edited == [source_of(page)], page
        assert (ROOT / source_of(page)).is_file()
