"""What stands around the code: workflows, templates, policies. It agrees with noxfile.py."""

import ast
import re
import shutil
from itertools import product
from unittest.mock import Mock, call

import pytest
import yaml

from tests.docs.pages import PROJECT, REPOSITORY, ROOT, in_the_tree

GITHUB = ROOT / ".github"
WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((GITHUB / "workflows").glob("*.yml"))
}
TREE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
SESSIONS = {
    node.name: [ast.unparse(one) for one in node.decorator_list]
    for node in TREE.body
    if isinstance(node, ast.FunctionDef) and node.decorator_list
}
CHECKED = {name for name, by in SESSIONS.items() if any(one.startswith("check") for one in by)}
# Run by another that needs it, or at night in its long form.
ELSEWHERE = {"test_importers_mfa2", "torture_short"}
FORMS = [path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
POLICIES = ["SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md"]


def jobs(workflow):
    return WORKFLOWS[workflow]["jobs"]


def words(entry):
    """The sessions of an entry, without what is handed on to pytest."""
    return entry.partition(" -- ")[0].split()


def sessions_of(workflow):
    lists = (job["strategy"]["matrix"].get("session", []) for job in jobs(workflow).values())
    return {session for one in lists for entry in one for session in words(entry)}


def combinations():
    """The pairs of Python and Django that noxfile.py combines."""
    (matrix,) = (
        node.value
        for node in TREE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MATRIX"
    )
    every = product(*(ast.literal_eval(loop.iter) for loop in matrix.generators))
    (condition,) = matrix.generators[-1].ifs
    return set(every) - ast.literal_eval(condition.comparators[0])


def requirement(ci):
    """`_require` of noxfile.py, which needs no nox, in CI or elsewhere."""
    (function,) = (node for node in TREE.body if getattr(node, "name", "") == "_require")
    function.args.args[0].annotation = None
    names = {"CI": ci, "shutil": shutil, "_silence": lambda name: f"no {name}"}
    exec(compile(ast.Module([function], []), "noxfile.py", "exec"), names)  # noqa: S102
    return names["_require"]


@pytest.mark.parametrize(("ci", "ends_by"), [(True, "error"), (False, "skip")])
def test_what_cannot_run_is_skipped_and_fails_in_ci(ci, ends_by):
    session = Mock()

    requirement(ci)(session, programs="no-such-program", services="REDIS")

    expected = getattr(call, ends_by)("no no-such-program on PATH, no REDIS")
    assert session.mock_calls == [expected]


def test_what_ci_calls_says_that_it_is_ci():
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()

    before = lines[: lines.index("exec make check")]
    assert any(line.startswith("export CI=true") for line in before)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_debian_leaves_out_of_python_is_named_beside_it(name):
    paragraphs = (ROOT / name).read_text(encoding="utf-8").split("\n\n")
    first = next(n for n, text in enumerate(paragraphs) if re.search(r"python3\b(?!-)", text))

    assert "python3-venv" in "".join(paragraphs[first - 1 : first + 1])


def test_every_session_that_is_checked_runs_for_each_change():
    assert sessions_of("tests.yml") == CHECKED - ELSEWHERE | {"test"}
    assert sessions_of("nightly.yml") >= {"torture"}
    assert sessions_of("nightly.yml") <= SESSIONS.keys()


def test_every_python_runs_with_every_django_on_three_databases():
    matrix = jobs("tests.yml")["matrix"]["strategy"]["matrix"]
    without = [(one["python"], one["django"]) for one in matrix["exclude"]]

    assert set(product(matrix["python"], matrix["django"])) - {*without} == combinations()
    assert set(matrix["database"]) == {"sqlite", "postgres", "mariadb"}


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_may_do_little_and_ends(workflow):
    text = (GITHUB / "workflows" / workflow).read_text(encoding="utf-8")

    assert WORKFLOWS[workflow]["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert all(job["timeout-minutes"] for job in jobs(workflow).values())
    checkouts = text.count("actions/checkout@")
    assert text.count("persist-credentials: false") == checkouts


def test_a_release_is_trusted_by_its_workflow_and_attested():
    build, publish = jobs("release.yml")["build"], jobs("release.yml")["publish"]
    used = [step["uses"].partition("@")[0] for step in build["steps"] if "uses" in step]

    guards = [step["run"] for step in build["steps"] if "GITHUB_REF_NAME" in step.get("run", "")]
    assert [command.split()[-1] for command in guards] == ["pyproject.toml", "CHANGELOG.md"]
    assert "actions/attest-build-provenance" in used
    assert build["permissions"]["attestations"] == build["permissions"]["id-token"] == "write"
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    (upload,) = (step for step in publish["steps"] if "pypa/" in step["uses"])
    assert "password" not in upload.get("with", {})
    assert upload.get("with", {}).get("attestations", True)


def test_requirements_of_every_kind_are_kept_up_to_date():
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    looked_at = {
        (one["package-ecosystem"], folder.strip("/"))
        for one in updates
        for folder in one.get("directories", [one.get("directory")])
    }

    tops = ("clients", "examples", "tests")
    locks = (path for top in tops for path in (ROOT / top).glob("*/package.json"))
    folders = {path.parent.relative_to(ROOT).as_posix() for path in locks}
    assert looked_at == {
        ("github-actions", ""),
        ("pip", "requirements"),
        *(("npm", folder) for folder in folders),
    }


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_for_issues_is_one(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    fields = [one for one in form["body"] if one["type"] != "markdown"]

    assert form["name"]
    assert form["description"]
    assert {one["type"] for one in fields} <= {"textarea", "input", "dropdown", "checkboxes"}
    assert len({one["id"] for one in fields}) == len(fields)
    assert all(one["attributes"]["label"] for one in fields)


def test_a_hook_before_a_commit_is_a_program_of_the_project():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = [hook for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]]

    # In the locked versions: nothing is fetched that requirements/ does not name.
    assert {hook["language"] for hook in hooks} == {"system"}
    assert {hook["entry"].split()[0] for hook in hooks} == {
        ".venv/bin/ruff",
        ".venv/bin/lint-imports",
    }


def test_a_citation_is_one_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert citation["version"] == PROJECT["version"]
    assert citation["title"] == PROJECT["name"]
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == REPOSITORY
    assert citation["url"] == PROJECT["urls"]["Documentation"]


def test_the_present_version_gets_fixes_of_security():
    rows = re.findall(
        r"^\| (\S+) \| (\w+)", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE
    )

    assert dict(rows)[PROJECT["version"].rpartition(".")[0]] == "yes"


def test_every_session_is_in_the_table_for_contributors():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = {name.replace("_", "-") for name in SESSIONS.keys() - {"test_importers_mfa2"}}

    assert [one for one in sorted(commands) if f"`make {one}" not in text] == []


@pytest.mark.parametrize("name", [*POLICIES, "CITATION.cff", ".github/ISSUE_TEMPLATE/config.yml"])
def test_an_address_of_ours_is_one_of_the_repository(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    addresses = re.findall(r"https://github\.com/[^\s)\"]+", text)

    known = {REPOSITORY, f"{REPOSITORY}/security/advisories/new"}
    for address in addresses:
        path = in_the_tree(address)
        assert address in known or (path is not None and (ROOT / path).exists()), address
