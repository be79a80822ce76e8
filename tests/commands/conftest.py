"""The cast, and a terminal."""

import io
import json
from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command

from tests.support.cast import ada, bob, other, owner

__all__ = ["ada", "bob", "other", "owner"]


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self):
        return True


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    output: str
    errors: str
    said: str

    @property
    def json(self):
        return json.loads(self.output)


@pytest.fixture
def manage(monkeypatch):
    """A function that runs a command line and returns its outcome."""

    def run(*words, answer=None, errors=None):
        output, errors = io.StringIO(), errors or io.StringIO()
        if answer is not None:
            monkeypatch.setattr("builtins.input", lambda *_: answer)
        try:
            call_command(*words, stdout=output, stderr=errors)
        except CommandError as error:
            return Outcome(error.returncode, output.getvalue(), errors.getvalue(), str(error))
        return Outcome(0, output.getvalue(), errors.getvalue(), "")

    return run
