"""Every test that the pages on standards and threats name exists, and no claim is without one."""

import ast
from functools import cache

import pytest

from tests.docs.pages import ROOT, codes, table_under

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
THREATS = table_under("docs/explanation/threat-model.md", "Who attacks, and what holds")
CLAIMS = [*(row for rows in STANDARDS.values() for row in rows), *THREATS]
PROOFS = sorted({proof for row in CLAIMS for proof in codes(row["shown by"])})


@cache
def functions_of(path):
    """The names of what a file of tests defines, also in classes; nothing where there is no file."""
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


@pytest.mark.parametrize("heading", STANDARDS)
def test_no_standard_is_without_claims(heading):
    assert len(STANDARDS[heading]) >= 5


def test_a_test_that_does_not_exist_would_be_noticed():
    assert "test_rfc_6238_appendix_b" in functions_of("core/test_otp.py")
    assert "test_rfc_6238_appendix_c" not in functions_of("core/test_otp.py")
    assert functions_of("core/test_nothing.py") == set()
