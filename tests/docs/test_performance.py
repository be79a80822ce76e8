"""Every figure on the page on performance was measured: its tables are those of the last run."""

import json
import re

import pytest

from benchmarks.page import RESULTS, tables
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/explanation/performance.md").read_text(encoding="utf-8")
GENERATED = re.compile(r"<!-- begin (\w+) -->\n(.*?)\n<!-- end -->", re.DOTALL)
SHOWN = dict(GENERATED.findall(PAGE))
MEASURED = tables(json.loads(RESULTS.read_text(encoding="utf-8")))
TYPED = re.compile(r"\d[\d.,]* ?(%|ms|us|µs|s|kB|MB|times|requests)(?!\w)")


def test_every_part_of_a_run_is_shown():
    assert SHOWN.keys() == MEASURED.keys()


@pytest.mark.parametrize("name", SHOWN)
def test_a_table_is_that_of_the_last_run(name):
    assert SHOWN[name] == MEASURED[name].strip("\n")


def test_no_figure_is_typed_by_hand():
    by_hand = GENERATED.sub("", PAGE)

    assert [match[0] for match in TYPED.finditer(by_hand)] == []


def test_a_typed_figure_would_be_noticed():
    assert TYPED.search("It takes 1.7 ms of CPU.")
    assert TYPED.search("That is 3 times as much.")
