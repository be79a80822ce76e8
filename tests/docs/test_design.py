"""The walk through a second step on the page on the design names what is there."""

import ast
import re

from tests.docs.pages import ROOT

PAGE = ROOT / "docs/explanation/design.md"
HEADING = "## A second step, from the endpoint to the row"
STEPS = re.findall(
    r"^[0-9]+\. .*$", PAGE.read_text().partition(HEADING)[2].partition("\n## ")[0], re.MULTILINE
)


def files_of(step):
    return re.findall(r"\]\(\.\./\.\./(ninja_totp/[\w/]+\.py)\)", step)


def functions_of(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_each_function_of_the_walk_is_in_its_file():
    everything = {path: functions_of(path) for step in STEPS for path in files_of(step)}
    named = [(step, re.findall(r"`(\w+)`", step)) for step in STEPS]

    assert len(STEPS) == 10
    for step, names in named:
        own = {name for path in files_of(step) for name in everything[path]}
        assert names, step
        assert set(names) - own <= set().union(*everything.values()), step
        assert names[0] in own, step
