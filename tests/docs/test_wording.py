"""The sentences for people: those on the page of wording are in the code, and all are plain."""

import ast
import re

import pytest

from tests.docs.pages import ROOT, table_under

PAGE = "docs/explanation/wording.md"
GROUPS = ["Errors of both APIs", "Mails", "Admin"]

_NOT_PLAIN = re.compile(
    r"\b(anew|anybody|deed|doors?|everybody|foretold|have a say|in force|judg\w+|lately|of yours"
    r"|somebody|standing|switched (on|off)|told|twins?|verdict|whoever|whom)\b",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(
    r'{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}|{% translate "([^"]*)" %}', re.DOTALL
)


def _files(suffix):
    for package in ("ninja_totp", "drf_compat"):
        for path in (ROOT / package).rglob(f"*{suffix}"):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")


def _texts():
    """Every text of a module that is no docstring, and every sentence of a template."""
    for path, source in _files(".py"):
        nodes = list(ast.walk(ast.parse(source)))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.Constant) and id(node) not in docstrings:
                yield path, node.value
    for path, source in _files(".html"):
        for block, sentence in _TRANSLATED.findall(source):
            yield path, re.sub(r"{{ (\w+) }}", r"%(\1)s", block or sentence)


TEXTS = [(path, text) for path, text in _texts() if isinstance(text, str)]


def rows():
    return [row for group in GROUPS for row in table_under(PAGE, group)]


def _as_in_the_code(cell):
    return re.sub(r"{(\w+)}", r"%(\1)s", cell.replace("{number}", "%d"))


def test_the_page_has_the_fifty_sentences_that_users_meet_most():
    assert len(rows()) >= 50


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["after"][:40])
def test_a_sentence_after_is_one_of_the_code_and_not_the_one_before(row):
    texts = {text for _, text in TEXTS}

    assert _as_in_the_code(row["after"]) in texts
    assert _as_in_the_code(row["before"]) not in texts


def test_no_sentence_has_a_word_of_the_old_dialect():
    found = [(path.name, text) for path, text in TEXTS if " " in text and _NOT_PLAIN.search(text)]

    assert TEXTS
    assert found == []
