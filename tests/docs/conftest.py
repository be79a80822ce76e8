"""Terminals for the walks, and projects that a walk goes on from.

Quick walks use the interpreter and the packages of this very run, with the repository on the
path; full ones start in a copy of the repository and install what the page says.
"""

import os
import re
import shutil
import subprocess
import time
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Walk, walk_at
from tests.docs.shell import Shell
from tests.docs.walks import Visitor

# Nothing is installed, but what was downloaded once on this machine is not fetched again.
_NEW = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_COMPILE": "1",
    "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
    "NPM_CONFIG_CACHE": os.environ.get("NPM_CONFIG_CACHE", str(Path.home() / ".npm")),
}
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "node_modules")


@pytest.fixture(scope="session")
def project_of(tmp_path_factory, worker_id):
    """A function from a page to the project that it makes, before it is served."""
    base = tmp_path_factory.getbasetemp()
    # The processes of one run share what one of them has made.
    shared = base if worker_id == "master" else base.parent

    def make(walk: Walk, directory: Path) -> Path:
        if walk.start:
            shutil.copytree(project(walk.start), directory)
        else:
            directory.mkdir()
        shell = Shell(directory, tmp_path_factory.mktemp("home"), {"PYTHONPATH": str(ROOT)})
        try:
            Visitor(shell, installs=False).follow(walk.until_the_server())
            return shell.directory()
        finally:
            shell.close()

    def project(start: str) -> Path:
        # Without dots: what would pass for a suffix makes one walk of a page from another.
        note = shared / f"project-of-{re.sub('[/#.]', '-', start)}"
        with note.with_suffix(".lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not note.exists():
                made = make(walk_at(start), note.with_suffix(".project"))
                note.write_text(str(made))
            return Path(note.read_text())

    return project


@pytest.fixture
def directory(walk, project_of, tmp_path):
    """The directory in which `walk` begins."""
    if not walk.start:
        (tmp_path / "reader").mkdir()
        return tmp_path / "reader"
    return Path(shutil.copytree(project_of(walk.start), tmp_path / "reader"))


@pytest.fixture
def service(walk):
    """The variables by which a walk finds the suite's services, and a database to be made."""
    names = {"HOST": "127.0.0.1", "PORT": "5432", "USER": "root", "PASSWORD": ""}
    variables = {
        f"PG{name}": os.environ.get(f"TOTP_TEST_POSTGRES_{name}", usual)
        for name, usual in names.items()
    } | {"PGDATABASE": f"mysite_{os.getpid()}_{int(time.time())}"}
    if walk.mark not in {"postgres", "deployment"}:
        yield {}
        return
    redis = [os.environ.get("TOTP_TEST_REDIS_HOST", "127.0.0.1")]
    redis.append(os.environ.get("TOTP_TEST_REDIS_PORT", "6379"))
    variables["REDIS_URL"] = f"redis://{':'.join(redis)}"
    yield variables
    drop = ["dropdb", "--if-exists", "--force", variables["PGDATABASE"]]
    subprocess.run(drop, env=os.environ | variables, check=True)


@pytest.fixture
def visitor(directory, service, tmp_path):
    """A reader who has everything installed."""
    (tmp_path / "home").mkdir()
    shell = Shell(directory, tmp_path / "home", {"PYTHONPATH": str(ROOT)} | service)
    yield Visitor(shell, installs=False)
    shell.close()


@pytest.fixture(scope="session")
def newcomer(tmp_path_factory):
    """A reader who has a clone of the repository and an interpreter, and nothing installed.

    A function from a walk to the project and the environment that they make by it, before they
    start its server; what one test has made serves the others.
    """
    made: dict[str, tuple[Path, Path]] = {}

    def follow(walk: Walk) -> tuple[Path, Path]:
        if str(walk) not in made:
            clone = tmp_path_factory.mktemp("newcomer") / "ninja_totp"
            shutil.copytree(ROOT, clone, ignore=_LEFT_OUT)
            shell = Shell(clone, tmp_path_factory.mktemp("home"), _NEW)
            try:
                Visitor(shell, installs=True).follow(walk.until_the_server())
                made[str(walk)] = shell.directory(), Path(shell.run("echo $VIRTUAL_ENV").strip())
            finally:
                shell.close()
        return made[str(walk)]

    return follow


@pytest.fixture
def learner(walk, newcomer, tmp_path):
    """A newcomer at a new terminal, who has come as far as `walk` begins.

    Or, where it begins with nothing, as far as its server; with what the page had them install.
    """
    project, environment = newcomer(walk_at(walk.start) if walk.start else walk)
    # As deep as the first one, for pages that go from it to the clone.
    own = shutil.copytree(project, project.with_name(f"project-{os.urandom(4).hex()}"))
    (tmp_path / "home").mkdir()
    shell = Shell(Path(own), tmp_path / "home", _NEW)
    shell.run(f". '{environment}/bin/activate'")
    yield Visitor(shell, installs=True)
    shell.close()
