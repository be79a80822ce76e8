"""Every test that a page names as a proof exists, and no claim of these pages is without one.

test_guarantees.py makes a sample of the claims untrue, and sees their tests fail.
"""

import ast
import re
from functools import cache

import pytest

from ninja_totp.importers.sources import SOURCES
from tests.docs.claims import UNTRUE
from tests.docs.pages import ROOT, codes, pages, table_under

STANDARDS = {
    heading: table_under("docs/explanation/standards.md", heading)
    for heading in (
        "RFC 4226 (HOTP)",
        "RFC 6238 (TOTP)",
        "NIST SP 800-63B-4",
        "OWASP ASVS 5.0",
        "Others",
    )
}
THREATS = table_under("docs/explanation/threat-model.md", "Attackers and defences")
GUIDES = {
    page.path: table_under(page.path, "What is imported")
    for page in pages()
    if (2, "What is imported") in page.headings()
}
CLAIMS = [
    *(row for rows in GUIDES.values() for row in rows),
    *(row for rows in STANDARDS.values() for row in rows),
    *THREATS,
]
PROOFS = sorted({proof for row in CLAIMS for proof in codes(row["shown by"])})


@cache
def functions_of(path):
    """The names of what a file of tests defines; nothing where there is no file."""
    file = ROOT / "tests" / path
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


@pytest.mark.parametrize("proof", PROOFS)
def test_a_test_that_is_named_exists(proof):
    path, _, name = proof.partition("::")

    assert name.startswith("test_")
    assert name in functions_of(path)


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: next(iter(row.values()))[:60])
def test_a_claim_names_a_test(row):
    assert codes(row["shown by"])


@pytest.mark.parametrize("change", UNTRUE, ids=lambda change: change.sentence)
def test_a_change_makes_a_claim_untrue_that_names_its_test(change):
    (row,) = [row for row in CLAIMS if next(iter(row.values())).startswith(change.sentence)]

    assert change.test in codes(row["shown by"])


@pytest.mark.parametrize("heading", STANDARDS)
def test_no_standard_is_without_claims(heading):
    assert len(STANDARDS[heading]) >= 5


def test_every_package_has_a_guide_that_runs_its_import():
    rows = table_under("docs/migrating/index.md", "Move from another package")
    sources = {codes(row["SOURCE"])[0] for row in rows if "SOURCE" in row}
    shown = {
        source
        for path in [*GUIDES, "docs/migrating/django-totp.md"]
        for source in re.findall(r"manage\.py import_totp (\w+)", (ROOT / path).read_text())
    }

    assert shown == sources == SOURCES.keys()


def test_a_test_that_does_not_exist_would_be_noticed():
    assert "test_rfc_6238_appendix_b" in functions_of("core/test_otp.py")
    assert "test_rfc_6238_appendix_c" not in functions_of("core/test_otp.py")
    assert functions_of("core/test_nothing.py") == set()
