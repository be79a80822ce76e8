"""The TypeScript package: what is in it, and that it is in step with the Python package."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.browser.demo_process import running_demo
from tests.clients.workshop import CLIENT, EXAMPLE, GENERATORS, REPOSITORY, built

_FOLDERS = [CLIENT, EXAMPLE, GENERATORS]
every_folder = pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)


def _read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _wanted(folder):
    package = _read(folder / "package.json")
    return package.get("dependencies", {}) | package["devDependencies"]


def test_the_version_is_the_one_of_the_python_package():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]

    package = _read(CLIENT / "package.json")

    assert package["version"] == project["version"]
    assert package["license"] == project["license"]
    assert package["repository"]["url"] == f"git+{project['urls']['Repository']}.git"
    assert (CLIENT / "LICENSE").read_text() == (REPOSITORY / "LICENSE").read_text()


@every_folder
def test_the_lock_file_names_no_host_and_pins_every_package(folder):
    lock = _read(folder / "package-lock.json")
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    wanted = {name: packages[f"node_modules/{name}"]["version"] for name in _wanted(folder)}

    assert all("resolved" not in entry and "integrity" in entry for entry in packages.values())
    assert wanted == {name: version.lstrip("^") for name, version in _wanted(folder).items()}


def test_what_is_tested_is_what_the_package_and_the_example_install():
    tested = _wanted(GENERATORS)

    for folder in (CLIENT, EXAMPLE):
        installed = {name: version.lstrip("^") for name, version in _wanted(folder).items()}
        assert installed.items() <= tested.items()


@pytest.mark.parametrize("source", sorted(CLIENT.glob("src/*.ts*")), ids=lambda path: path.name)
def test_nothing_is_cast(source):
    if source.name == "schema.ts":
        pytest.skip("made from the OpenAPI document")
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", source.read_text(), flags=re.DOTALL)

    assert re.findall(r"\bas (?!\w+ extends)(?!\w+,)\w+|(?<!\.)\bany\b|@ts-|\w!\.", code) == []


@pytest.mark.slow
@pytest.mark.typescript
def test_the_flow_does_what_its_own_tests_say():
    workshop = built()

    done = workshop.run("npm", "test", where=workshop.client)

    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.typescript
def test_what_is_published_is_complete_and_nothing_else():
    workshop = built()

    done = workshop.run(
        *("npm", "pack", "--dry-run", "--json", "--ignore-scripts"), where=workshop.client
    )
    (packed,) = json.loads(done.stdout)
    files = {entry["path"] for entry in packed["files"]}
    package = _read(CLIENT / "package.json")
    entries = [path for entry in package["exports"].values() for path in entry.values()]

    assert {str(Path(path)) for path in entries} < files
    assert {path for path in files if not path.startswith("dist/")} == {
        "LICENSE",
        "README.md",
        "package.json",
    }


_PRELUDE = """
import { createInterface } from "node:readline/promises";
const terminal = createInterface({ input: process.stdin });
const lines = terminal[Symbol.asyncIterator]();
async function ask(question: string): Promise<string> {
  console.log(question);
  return (await lines.next()).value ?? "";
}
"""
_SCRIPT = """
console.log(await logIn());
console.log(await enrol());
console.log(await logIn());
await new Promise((resolve) => setTimeout(resolve, 4_000)); // the proof gets too old
console.log(await deleteEverything());
terminal.close();
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("TOTP_TEST_SINGLE_PAGE", str(tmp_path))
    with running_demo(tmp_path, settings="tests.clients.impatient_site") as origin:
        yield origin


@pytest.mark.slow
@pytest.mark.typescript
def test_the_example_of_the_readme_runs(site):
    from tests.browser.phone import Phone

    readme = (CLIENT / "README.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```ts\n(.*?)```", readme, flags=re.DOTALL))
    workshop = built()
    script = workshop.folder / "readme.ts"
    script.write_text(
        _PRELUDE + code.replace("http://127.0.0.1:8000", site) + _SCRIPT, encoding="utf-8"
    )
    bundle = ("esbuild", "readme.ts", "--bundle", "--platform=node", "--format=esm")
    made = workshop.run(*bundle, "--outfile=readme.mjs", where=workshop.folder)
    assert made.returncode == 0, made.stderr

    with subprocess.Popen(
        ["node", "readme.mjs"],
        cwd=workshop.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as node:
        said = node.stdout.readline
        answer = lambda line: print(line, file=node.stdin, flush=True)  # noqa: E731
        assert said() == "There is no second factor.\n"
        phone = Phone(said().strip())
        assert said() == "Code of the new authenticator?\n"
        answer(phone.code())
        backup_codes = said().removeprefix("Keep these: ").strip().split(", ")
        assert said() == "Code?\n"
        answer(phone.code())
        assert said() == "Both factors are right.\n"
        assert said() == "Is it you? Code?\n"
        answer(phone.wrong_code())
        assert said() == "Invalid 2FA code.\n"
        assert said() == "Is it you? Code?\n"
        answer(backup_codes[0])
        assert said() == "200\n"

    assert node.returncode == 0
