"""What `--help` says, and that every command is alike."""

import shlex
import subprocess
import sys

import pytest
from django.core.management import get_commands, load_command_class

from ninja_totp.management.operating import OperatorCommand
from tests.docs.pages import ROOT, codes, page, table_under

NAMES = sorted(name for name, app in get_commands().items() if app == "ninja_totp")
OURS = [name for name in NAMES if name != "import_totp"]
REFERENCE = "docs/reference/commands.md"


def parser_of(name):
    return load_command_class("ninja_totp", name).create_parser("manage.py", name)


def own_options(name):
    """The options that are not Django's, in order."""
    usual = {"-h", "--version", "-v", "--settings", "--pythonpath", "--traceback"}
    usual |= {"--no-color", "--force-color", "--skip-checks"}
    actions = [one for one in parser_of(name)._actions if not usual & set(one.option_strings)]
    return [(one.option_strings or [(one.metavar or one.dest).upper()])[-1] for one in actions]


def test_these_are_the_commands():
    assert NAMES == [
        "import_totp",
        "totp_exempt",
        "totp_keys",
        "totp_prune",
        "totp_report",
        "totp_reset",
        "totp_status",
        "totp_unlock",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_help_tells_what_it_does_what_each_option_is_and_how_it_ends(name):
    help_text = parser_of(name).format_help()

    assert "exit codes:" in help_text
    assert "--json" in help_text
    silent = [one.option_strings for one in parser_of(name)._actions if not one.help]
    assert silent == []
    assert max(map(len, parser_of(name).epilog.splitlines())) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_every_example_in_help_is_understood(name):
    _, _, end = parser_of(name).epilog.partition("examples:\n")
    lines = [line.strip() for line in end.splitlines() if line.strip().startswith("manage.py ")]
    words = [shlex.split(line.partition(" && ")[0])[1:] for line in lines]

    assert len(words) >= 2
    assert {one[0] for one in words} == {name}
    assert [parser_of(name).parse_args(one[1:]).verbosity for one in words] == [1] * len(words)


@pytest.mark.parametrize("name", OURS)
def test_help_names_every_exit_code(name):
    command = load_command_class("ninja_totp", name)
    _, _, listed = command.create_parser("x", name).epilog.partition("exit codes:\n")
    shown = [line.split()[0] for line in listed.splitlines()]

    assert isinstance(command, OperatorCommand)
    assert 0 in command.exit_codes
    assert shown == [str(code) for code in sorted({1, 2, 130, *command.exit_codes})]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_in_the_reference_with_its_options(name):
    table = table_under(REFERENCE, name)

    assert [codes(row["argument"])[0].split()[0] for row in table if "argument" in row] == [
        option for option in own_options(name) if option not in ("--json", "--database")
    ]


@pytest.mark.parametrize("name", OURS)
def test_its_exit_codes_are_in_the_reference(name):
    rows = [row for row in table_under(REFERENCE, name) if "exit code" in row]

    shown = {int(code) for row in rows for code in codes(row["exit code"])}
    assert shown == set(load_command_class("ninja_totp", name).exit_codes)


def test_no_other_command_is_in_the_reference():
    headings = [heading for level, heading in page(REFERENCE).headings() if level == 2]

    assert [name for name in headings if "_" in name] == NAMES


@pytest.mark.slow
def test_an_exit_code_reaches_the_shell():
    done = subprocess.run(
        [sys.executable, "-m", "django", "totp_keys", "nonsense"],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "invalid choice: 'nonsense'" in done.stderr
