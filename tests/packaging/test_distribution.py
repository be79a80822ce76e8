"""What a user gets: the wheel, built from the sdist, in an empty project without any extra.

setuptools once dropped templates in silence; the lists of files are compared for that reason.
The HTTP contract itself is tested elsewhere.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs.pages import in_the_tree

pytestmark = [pytest.mark.packaging, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [name for name in ("ninja_totp", "drf_compat") if (ROOT / name).is_dir()]
EMPTY_PROJECT = Path(__file__).with_name("empty_project")
OPTIONAL = {
    *("rest_framework", "rest_framework_simplejwt", "drf_spectacular", "ninja_jwt", "jwt"),
    *("celery", "prometheus_client"),
}


def run(*command, cwd):
    # The suite's own settings would win over those of the empty project.
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def uv(*arguments, cwd):
    return run(sys.executable, "-m", "uv", *arguments, cwd=cwd)


def source_files():
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".DS_Store"
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as an installer makes it from the sdist: what the sdist lacks is missing here."""
    directory = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--installer=uv", "--outdir", directory, cwd=ROOT)
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdist(wheel):
    (path,) = wheel.parent.glob("*.tar.gz")
    return path


@pytest.fixture(scope="module")
def page():
    """The README as the package index shows it."""
    from readme_renderer import markdown

    page = markdown.render((ROOT / "README.md").read_text(encoding="utf-8"))
    assert page
    return page


@pytest.fixture(scope="module")
def wheel_names(wheel):
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def python(wheel):
    """The interpreter of an environment that holds the wheel and what it requires, no more."""
    environment = wheel.parent / "environment"
    uv("venv", "--python", sys.executable, environment, cwd=wheel.parent)
    interpreter = environment / "bin" / "python"
    uv("pip", "install", "--python", interpreter, wheel, cwd=wheel.parent)
    return interpreter


@pytest.fixture(scope="module")
def project(python, tmp_path_factory):
    """A project by `startproject`, with the app, a key and the routers added."""
    directory = tmp_path_factory.mktemp("site")
    run(python, "-m", "django", "startproject", "project", directory, cwd=directory)
    added = (EMPTY_PROJECT / "added_settings.py").read_text()
    settings = directory / "project" / "settings.py"
    settings.write_text(settings.read_text() + added)
    (directory / "project" / "urls.py").write_text((EMPTY_PROJECT / "urls.py").read_text())
    return directory


@pytest.fixture(scope="module")
def walked(python, project):
    run(python, "manage.py", "migrate", "--verbosity=0", cwd=project)
    (project / "walk.py").write_text((EMPTY_PROJECT / "walk.py").read_text())
    return json.loads(run(python, "-W", "error", "walk.py", cwd=project))


def test_every_file_of_the_packages_is_in_the_wheel(wheel_names):
    missing = source_files() - wheel_names

    assert missing == set()


def test_the_wheel_installs_nothing_beside_the_packages(wheel_names):
    top = {name.partition("/")[0] for name in wheel_names if ".dist-info/" not in name}

    assert top == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_may_read_the_package(package, wheel_names):
    assert f"{package}/py.typed" in wheel_names


def test_the_licence_is_in_the_wheel(wheel_names):
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel_names)


def test_the_metadata_is_complete(sdist):
    output = run(sys.executable, "-m", "pyroma", "--file", "--min=10", sdist, cwd=ROOT)

    assert "10/10" in output


def test_the_metadata_is_valid():
    run(sys.executable, "-m", "validate_pyproject", "pyproject.toml", cwd=ROOT)


def test_the_index_takes_both_files(wheel, sdist):
    output = run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=ROOT)

    assert output.count("PASSED") == 2


def test_the_wheel_has_no_well_known_fault(wheel):
    run(sys.executable, "-m", "check_wheel_contents", wheel, cwd=ROOT)


def test_every_link_of_the_page_on_the_index_leads_somewhere(page):
    targets = re.findall(r' (?:href|src)="([^"]+)"', page)
    anchors = {f"#{name}" for name in re.findall(r' id="([^"]+)"', page)}

    assert len(targets) > 20
    for target in targets:
        path = in_the_tree(target.partition("#")[0])
        if path is not None:
            assert (ROOT / path).exists(), target
        else:
            assert target in anchors or target.startswith(("https://", "http://127.0.0.1")), target


def test_the_page_on_the_index_shows_what_the_readme_has(page):
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert page.count("<pre") == text.count("\n```") / 2
    assert page.count("<table") == len(re.findall(r"^\| --- \|", text, re.MULTILINE))
    assert page.count("<h2") == text.count("\n## ")
    assert page.count("<img") == text.count("![")
    assert "walk:" not in page


def test_an_empty_project_passes_the_system_check(python, project):
    output = run(python, "manage.py", "check", "--fail-level=WARNING", cwd=project)

    assert "no issues" in output


def test_no_migration_is_missing(python, project):
    output = run(python, "manage.py", "makemigrations", "--check", "--dry-run", cwd=project)

    assert "No changes detected" in output


def test_a_user_of_an_empty_project_switches_two_factor_on(walked):
    answers = {name: value for name, value in walked.items() if name != "modules"}

    assert answers == {
        "anonymous": 401,
        "logged_in": 200,
        "is_totp_enabled": False,
        "created": 201,
        "confirmed": 200,
        "backup_codes": 10,
        "schema": 200,
    }


def test_neither_drf_nor_a_jwt_library_is_imported(walked):
    imported = OPTIONAL & set(walked["modules"])

    assert imported == set()


def test_neither_drf_nor_a_jwt_library_is_installed(python, project):
    code = f"from importlib.util import find_spec; print([*filter(find_spec, {OPTIONAL})])"

    output = run(python, "-c", code, cwd=project)

    assert output.strip() == "[]"
