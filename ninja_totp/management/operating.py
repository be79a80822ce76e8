"""What the commands share: options, exit codes in --help, errors, progress.

What a command does is in `services/`. Its own module parses, prints and chooses the exit code.
"""

import argparse
import getpass
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured, MultipleObjectsReturned, ObjectDoesNotExist
from django.core.management import BaseCommand, CommandError, CommandParser
from django.core.management.base import DjangoHelpFormatter, OutputWrapper
from django.db import connections

from ninja_totp import clock
from ninja_totp.core.errors import Unavailable
from ninja_totp.models.users import login_name_of, user_by_key, user_named
from ninja_totp.transactions import on_database

_USUAL_CODES = {
    1: "it failed; the reason is on standard error",
    2: "the command line is wrong",
    130: "it was interrupted; finished work stays",
}


class NotSo(CommandError):
    """The result is not what was asked for. Nothing is broken, and nothing was changed."""

    def __init__(self, text: str) -> None:
        super().__init__(text, returncode=3)


class _KeepsLines(argparse.RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Keep the line breaks at the end of --help."""


class OperatorCommand(BaseCommand):
    """A command with `--json`, `--database`, and examples and exit codes in `--help`.

    Subclasses define `remarks`, `examples` (command line -> purpose), `exit_codes`, `add_options`
    and `run`.
    """

    remarks = ""
    examples: Mapping[str, str] = {}
    exit_codes: Mapping[int, str] = {}
    takes_database = True
    # Operators need these commands when something is wrong with the site: no check may stop them.
    requires_system_checks: list[str] | Literal["__all__"] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        examples = (f"  {text}:\n    manage.py {line}" for line, text in self.examples.items())
        exit_codes = sorted((_USUAL_CODES | {**self.exit_codes}).items())
        codes = (f"  {code:<3}  {text}" for code, text in exit_codes)
        parts = (self.remarks.strip(), "", "examples:", *examples, "", "exit codes:", *codes, "")
        kwargs |= {"epilog": "\n".join(parts), "formatter_class": _KeepsLines}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_options(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        if self.takes_database:
            text = "the database to use (default: the one to which your router sends writes)"
            aliases = tuple(connections)
            parser.add_argument("--database", choices=aliases, metavar="ALIAS", help=text)

    def add_options(self, parser: CommandParser) -> None:
        """Add the options of this command."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run on the chosen database, and show errors of the services as sentences."""
        try:
            with on_database(options.get("database")):
                self.run(options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except Unavailable as error:
            text = "The database refused the same change again and again. Try later."
            raise CommandError(text) from error
        except KeyboardInterrupt:
            text = "Interrupted. Finished work stays. Run it again to continue."
            raise CommandError(text, returncode=130) from None

    def run(self, options: dict[str, Any]) -> None:
        """Run the command."""
        raise NotImplementedError

    def show(self, options: dict[str, Any], facts: Mapping[str, Any], *lines: str) -> None:
        """Print `facts` as JSON with --json, `lines` otherwise."""
        if options["json"]:
            lines = (json.dumps(facts, indent=2, default=_as_json),)
        for line in lines:
            self.stdout.write(line)


def _as_json(value: object) -> str:
    return str(clock.in_utc(value) if isinstance(value, datetime) else value)


class UserCommand(OperatorCommand):
    """A command for one user, given by login name or by primary key."""

    def add_arguments(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group(required=True)
        text = f"the login name of the user ({get_user_model().USERNAME_FIELD})"
        whom.add_argument("name", nargs="?", metavar="NAME", help=text)
        text = "the primary key of the user, instead of NAME"
        whom.add_argument("--key", metavar="KEY", help=text)
        super().add_arguments(parser)

    def user(self, options: dict[str, Any]) -> AbstractBaseUser:
        """Return the user that the options name."""
        key, name = options["key"], options["name"]
        try:
            return user_by_key(key) if key is not None else user_named(name)
        except ObjectDoesNotExist:
            said = f"with the key {key!r}" if key is not None else f"called {name!r}"
            raise CommandError(f"There is no user {said}.") from None
        except MultipleObjectsReturned:
            raise CommandError(f"Several users are called {name!r}; use --key.") from None

    def show_user(
        self, options: dict[str, Any], user: AbstractBaseUser, text: str, **facts: Any
    ) -> None:
        """Print the result for a user: as JSON, or as a sentence that begins with the name."""
        whom = {"user": str(user.pk), "name": login_name_of(user)}
        self.show(options, whom | facts, f"{name_of(user)} {text}")


def name_of(user: AbstractBaseUser) -> str:
    """Return the login name, safe to print on a terminal."""
    return printable(login_name_of(user))


def printable(name: str) -> str:
    """Return a name, safe to print on a terminal.

    Users choose names: a control character in one must not control the operator's terminal.
    """
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def operator() -> str:
    """Return who runs the command, for the log."""
    try:
        return f"command by {getpass.getuser()}"
    except (KeyError, OSError):  # a container may have no name for the account
        return "command"


def add_number(
    parser: CommandParser, flag: str, lowest: int, highest: int, *, default: int | None, text: str
) -> None:
    """Add an option for a whole number within these bounds, with the help `text`."""

    def number(value: str) -> int:
        if not lowest <= int(value) <= highest:
            raise argparse.ArgumentTypeError(f"must be from {lowest} to {highest}")
        return int(value)

    parser.add_argument(flag, type=number, default=default, metavar="N", help=text)


class Progress:
    """One line that is overwritten a few times per second, on a terminal only."""

    def __init__(self, stream: OutputWrapper, verbosity: int) -> None:
        self._stream = stream
        self._is_shown = verbosity > 0 and stream.isatty()
        self._shown_at = float("-inf")
        self._width = 0

    def show(self, text: str) -> None:
        """Replace the line with `text`."""
        if not self._is_shown or time.monotonic() - self._shown_at < 0.2:
            return
        self._stream.write(f"\r{text.ljust(self._width)}", ending="")
        self._stream.flush()
        self._shown_at, self._width = time.monotonic(), len(text)

    def end(self) -> None:
        """Clear the line."""
        if self._width:
            self._stream.write(f"\r{' ' * self._width}\r", ending="")
            self._width = 0
