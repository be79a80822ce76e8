"""Links between the pages lead somewhere, and every page can be reached."""

from pathlib import PurePosixPath

import pytest

from tests.docs.pages import ROOT, pages

PAGES = {page.path: page for page in pages()}
OUTSIDE = ("https://", "http://", "mailto:")


def target_of(page, link):
    """(path, anchor) of a relative link, both relative to the repository."""
    path, _, anchor = link.partition("#")
    if not path:
        return page.path, anchor
    parts: list[str] = []
    for part in (PurePosixPath(page.path).parent / path).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts), anchor


def links_of(page):
    return [
        (f"{page.path}:{line}", *target_of(page, link))
        for line, link in page.links()
        if not link.startswith(OUTSIDE)
    ]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_link_leads_to_a_file(page):
    broken = [(where, path) for where, path, _ in links_of(page) if not (ROOT / path).exists()]

    assert broken == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_anchor_is_a_heading(page):
    broken = [
        (where, path, anchor)
        for where, path, anchor in links_of(page)
        if anchor and path in PAGES and anchor not in PAGES[path].anchors()
    ]

    assert broken == []


def test_every_page_can_be_reached_from_the_readme():
    reached, found = set(), ["README.md"]
    while found:
        path = found.pop()
        reached.add(path)
        found += {target for _, target, _ in links_of(PAGES[path])} & (PAGES.keys() - reached)

    assert PAGES.keys() - reached == set()
