"""The commands of a guide, as they are typed in a project that has the other package."""

import os
import shlex
import subprocess

import pytest
from django.core.management import get_commands, load_command_class

from ninja_totp.importers.sources import SOURCES
from tests.docs.pages import pages

SOURCE = os.environ["TOTP_TEST_PEER"]
BLOCKS = [
    block
    for page in pages()
    if any(f"import_totp {SOURCE}\n" in block.text for block in page.blocks)
    for block in page.blocks
    if block.kind == "bash old project"
]
DJANGO = "python manage.py "


def run_django(line):
    """Run a line as `manage.py` does, in this process; raises where that would not end with 0."""
    name, *arguments = shlex.split(line.removeprefix(DJANGO))
    command = load_command_class(get_commands()[name], name)
    options = vars(command.create_parser("manage.py", name).parse_args(arguments))
    command.execute(*options.pop("args", ()), **options)


@pytest.fixture
def project(tmp_path):
    """A project that imports the old package."""
    for name in ("mysite/urls.py", "accounts/views.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("from django_totp import views\n")
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_every_command_of_the_guide_runs(block, project):
    for line in block.text.splitlines():
        if line.startswith(DJANGO):
            run_django(line)
        else:
            subprocess.run(["bash", "-ec", line], cwd=project, check=True)

    written = {path.read_text() for path in project.rglob("*.py")}
    package = "drf_compat" if "sed" in block.text else "django_totp"
    assert written == {f"from {package} import views\n"}


def test_the_guide_has_commands():
    assert SOURCE in SOURCES
    assert len(BLOCKS) == 2
