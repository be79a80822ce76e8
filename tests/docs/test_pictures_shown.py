"""The pages show the pictures that the browser test takes, and no others."""

import re

import pytest

from tests.browser.pictures import FOLDER, LARGEST, NAMES
from tests.docs.pages import ROOT, pages
from tests.docs.test_links import target_of

PICTURE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
SHOWN = [
    (page, match["words"], target_of(page, match["target"])[0])
    for page in pages()
    for _, line in page.prose
    for match in PICTURE.finditer(line)
]
FILES = {f"{FOLDER}/{name}.png" for name in NAMES}


def test_every_picture_that_is_taken_is_shown_and_every_screenshot_shown_is_taken():
    screenshots = {target for _, _, target in SHOWN if "screenshots" in target}

    assert screenshots == FILES


@pytest.mark.parametrize(("page", "words", "target"), SHOWN, ids=[target for *_, target in SHOWN])
def test_every_picture_exists_and_has_words_for_those_who_do_not_see_it(page, words, target):
    assert words
    assert (ROOT / target).is_file(), page.path


def test_no_screenshot_is_left_over_and_none_is_large():
    sizes = {
        path.relative_to(ROOT).as_posix(): path.stat().st_size for path in (ROOT / FOLDER).iterdir()
    }

    assert sizes.keys() == FILES
    assert max(sizes.values()) < LARGEST
