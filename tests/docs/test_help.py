"""The pages that people search in trouble: what they quote is what the code says."""

import re

import pytest

from tests.docs.pages import PROJECT, ROOT, codes, page, pages, table_under
from tests.docs.test_reference import DRF_SOURCES, LEAVES, SOURCES
from tests.docs.walks import matches

TROUBLE = [
    row
    for level, heading in page("docs/troubleshooting.md").headings()
    if level == 2
    for row in table_under("docs/troubleshooting.md", heading)
]
GLOSSARY = [row["term"] for row in table_under("docs/glossary.md", "Glossary")]
SENTENCES = {
    (leaf.code, re.sub(r"%\(\w+\)s", "…", sentence))
    for leaf in LEAVES
    for kind in leaf.__mro__
    for name in ("sentence", "endless", "must_stay_on", "older_scanned")
    if isinstance(sentence := vars(kind).get(name), str)
}
SEARCHED = [
    *("2FA", "MFA", "two-step", "mandatory", "enforce", "reset 2FA", "lost phone", "brute force"),
    *("rate limit", "remember this device", "CORS", "upgrade", "admin", "recovery", "WebAuthn"),
]
CODES = {leaf.code for leaf in LEAVES}


def quoted(row):
    return re.findall(r'"([^"]+)"', re.sub(r"`[^`]*`", "", row["you see"]))


def of_an_answer(row):
    """The code of the error that a row is about, if it is about one."""
    return next((code for code in codes(row["you see"]) if code in CODES), None)


ANSWERS = [row for row in TROUBLE if of_an_answer(row)]


def words(text):
    """A text of the sources as it is said: pieces of a string put together."""
    return re.sub(r'"\s*f?"', "", re.sub(r'"\n\s*f?"', "", text))


@pytest.mark.parametrize("row", TROUBLE, ids=lambda row: row["you see"][:60])
def test_every_symptom_has_a_cause_and_a_fix(row):
    assert all(row[column] for column in ("you see", "cause", "fix"))


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row["you see"][:60])
def test_a_sentence_of_an_answer_is_that_of_its_code(row):
    known = {sentence for code, sentence in SENTENCES if code == of_an_answer(row)}

    assert [one for one in quoted(row) if one not in known] == []


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row["you see"][:60])
def test_a_status_is_that_of_its_code(row):
    shown = re.match(r"(\d{3}) `(\w+)`", row["you see"])

    assert (shown[2], int(shown[1])) in {(leaf.code, leaf.status) for leaf in LEAVES}


def test_every_code_is_explained():
    assert {of_an_answer(row) for row in TROUBLE} - {None} == CODES


def test_what_an_exception_says_stands_in_the_code():
    said = words(SOURCES + DRF_SOURCES)
    raised = [
        row for row in TROUBLE if row["you see"].startswith(("`Improperly", "`Called", "`TypeE"))
    ]

    settings = "TOTP_ENCRYPTION_KEY "
    for row in raised:
        for sentence in quoted(row):
            assert sentence.removeprefix(settings) in said, sentence
    assert sum(len(quoted(row)) for row in raised) >= 5


def test_every_check_that_is_named_exists():
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:ninja_totp|drf_compat)\.[EWI][0-9]{3})`", text))

    assert len(named) > 5
    assert [one for one in named if f'"{one}"' not in SOURCES + DRF_SOURCES] == []


def test_every_line_of_the_log_that_is_named_exists():
    named = [line for row in TROUBLE for line in codes(row["you see"]) if line.endswith(".")]

    assert len(named) >= 3
    assert [line for line in named if f'"{line}"' not in SOURCES] == []


@pytest.mark.parametrize("word", SEARCHED)
def test_what_people_search_for_is_in_a_heading(word):
    headings = [heading for page in pages() for _, heading in page.headings()]

    assert any(word.casefold() in heading.casefold() for heading in headings)


def test_the_glossary_is_in_the_order_of_the_alphabet():
    assert sorted(GLOSSARY, key=str.casefold) == GLOSSARY


def test_every_version_has_notes_on_upgrading():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[?v?(\d+\.\d+)", changelog, re.MULTILINE)
    present = PROJECT["version"].rpartition(".")[0]

    noted = [heading for level, heading in page("docs/upgrading.md").headings() if level == 2]
    assert [one for one in {*released, present} if one not in noted] == []


def test_a_sentence_that_nobody_says_would_be_noticed():
    assert ("locked", "Too many wrong codes. Try again in … or use a backup code.") in SENTENCES
    assert not any(matches("Nobody says this.", sentence) for _, sentence in SENTENCES)
