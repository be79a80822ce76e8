"""Somebody to carry over, and one run of the command."""

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ninja_totp import clock


@dataclass(frozen=True)
class Run:
    """The exit code and the report of one run."""

    exit_code: int
    report: dict[str, Any]

    @property
    def users(self) -> dict[str, int]:
        """How many users fared how, those apart that nobody had to."""
        return {result: count for result, count in self.report["users"].items() if count}

    @property
    def notes(self) -> str:
        """Every sentence of the report about single users."""
        return "\n".join(note for one in self.report["notes"] for note in one["notes"])


def import_totp(source: str, **options: Any) -> Run:
    """Run the command in this process."""
    output = io.StringIO()
    try:
        call_command("import_totp", source, json=True, stdout=output, **options)
    except CommandError as error:
        return Run(error.returncode, json.loads(output.getvalue() or "{}"))
    return Run(0, json.loads(output.getvalue()))


@pytest.fixture
def ada(django_user_model):
    return django_user_model.objects.create_user("ada", "ada@example.org", "analytical")


@pytest.fixture
def bob(django_user_model):
    return django_user_model.objects.create_user("bob", "bob@example.org", "builder")


@pytest.fixture
def two_minutes_pass(monkeypatch):
    """Put the clock that ninja_totp reads ahead, past every code that was typed so far."""

    def put_ahead():
        later = clock.now() + 120
        monkeypatch.setattr(clock, "now", lambda: later)
        return later

    return put_ahead
