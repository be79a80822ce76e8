"""Each sentence that the package guarantees has a test, which fails when it is untrue.

So do a sample of the claims on the pages of standards and threats.
"""

import os
import shutil
import subprocess
import sys

import pytest

from tests.docs.claims import UNTRUE
from tests.docs.guarantees import CHANGES, NO_CLAIM, sentences
from tests.docs.pages import ROOT, codes, table_under

ROWS = table_under("docs/explanation/guarantees.md", "Which test shows it")
_COPIED = ("ninja_totp", "drf_compat", "tests", "demo", "examples", "docs", "benchmarks")
_FILES = ("pyproject.toml", "README.md", "SECURITY.md", "CHANGELOG.md", "mkdocs.yml")
_FAILED = 1  # what pytest ends with when a test has failed, and not for any other reason


@pytest.mark.parametrize("sentence", sentences(), ids=lambda sentence: sentence[:50])
def test_each_sentence_is_named_once(sentence):
    named = {*NO_CLAIM, *(change.sentence for change in CHANGES)}

    assert sum(sentence.startswith(beginning) for beginning in named) == 1


def test_no_sentence_is_named_that_the_page_does_not_have():
    for beginning in {*NO_CLAIM, *(change.sentence for change in CHANGES)}:
        assert any(sentence.startswith(beginning) for sentence in sentences()), beginning


def test_the_page_links_each_sentence_to_its_tests():
    shown = [(row["sentence"], proof) for row in ROWS for proof in codes(row["shown by"])]

    assert shown == [(_without_bars(change.sentence), change.test) for change in CHANGES]


def _without_bars(sentence):
    return sentence.strip("| ").replace(" | ", ": ") + " …"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project for all changes: what Python has compiled of it is used again."""
    copy = tmp_path_factory.mktemp("untrue")
    for name in _COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=_ignored, symlinks=True)
    for name in _FILES:
        shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture
def untrue(copy, change):
    """The copy, with one change as long as the test takes."""
    changed = copy / change.path
    text = changed.read_text(encoding="utf-8")
    assert text.count(change.old) == 1
    changed.write_text(text.replace(change.old, change.new), encoding="utf-8")
    yield copy
    shutil.copy2(ROOT / change.path, changed)  # with its date, by which Python knows it


@pytest.mark.untrue
@pytest.mark.parametrize(
    "change",
    [*CHANGES, *UNTRUE],
    ids=lambda change: f"{change.sentence[:30]}-{change.test.split('::')[1]}",
)
def test_a_test_fails_when_its_sentence_is_untrue(change, untrue):
    # By its name alone: it may be a method of a class.
    file, _, name = change.test.partition("::")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "--quiet", "--numprocesses=0"),
            *("--no-migrations", "-p", "no:cacheprovider", f"tests/{file}", "-k", name),
        ],
        cwd=untrue,
        env=os.environ | {"TOTP_TEST_DATABASE_NAME": f"untrue_{os.getpid()}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == _FAILED, run.stdout[-3000:] + run.stderr[-3000:]


_ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".venv", "assets", "*.sqlite3")
