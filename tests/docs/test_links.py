"""Links between the pages lead somewhere, and every page can be reached."""

from pathlib import PurePosixPath

import pytest

from tests.docs.pages import REPOSITORY, ROOT, in_the_tree, pages

PAGES = {page.path: page for page in pages()}
OUTSIDE = ("https://", "http://", "mailto:")


def target_of(page, link):
    """(path, anchor) of a link into the repository, both relative to it."""
    path, _, anchor = link.partition("#")
    if (inside := in_the_tree(path)) is not None:
        return inside, anchor
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
        if not link.startswith(OUTSIDE) or in_the_tree(link) is not None
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


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_an_address_of_the_repository_is_one_of_a_file(page):
    known = {REPOSITORY, f"{REPOSITORY}/issues"}
    ours = [link for _, link in page.links() if link.startswith(REPOSITORY)]

    assert [link for link in ours if link not in known and in_the_tree(link) is None] == []


def test_every_page_can_be_reached_from_the_readme():
    reached, found = set(), ["README.md"]
    while found:
        path = found.pop()
        reached.add(path)
        found += {target for _, target, _ in links_of(PAGES[path])} & (PAGES.keys() - reached)

    assert PAGES.keys() - reached == set()
