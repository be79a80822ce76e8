"""A check that no secret is logged: it reads everything that any logger writes."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ninja_totp import clock

if TYPE_CHECKING:
    from ninja_totp.testing.enrolment import Enrolment

_EVERY_RECORD = {*vars(logging.makeLogRecord({})), "message", "asctime"}

watches: "list[LogWatch]" = []
"""The open ones, which search for the secrets of everyone who is enrolled."""


class LogWatch(logging.Handler):
    """Stores what is logged, and what must not be in it."""

    def __init__(self) -> None:
        super().__init__(level=logging.NOTSET)
        self._lines: list[str] = []
        self._secrets: dict[str, str] = {}
        self._enrolments: list[Enrolment] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep message, arguments, traceback and the fields that were added (`extra`)."""
        added = {key: value for key, value in vars(record).items() if key not in _EVERY_RECORD}
        try:
            text = self.format(record)
        except (TypeError, ValueError):  # arguments that do not fit the message
            text = str(record.msg)
        self._lines.append(f"{record.name}: {text} {record.args!r} {added!r}")

    def look_for(self, what: "Enrolment | str") -> None:
        """Add a text, or all secrets of an enrolment."""
        if isinstance(what, str):
            self._secrets[what] = "a text that must not be logged"
            return
        self._enrolments.append(what)
        self._secrets[what.secret] = f"the secret of user {what.user.pk}"
        for number, code in enumerate(what.backup_codes, start=1):
            self._secrets[code] = f"backup code {number} of user {what.user.pk}"

    def assert_clean(self) -> None:
        """Raise AssertionError, without the secret, if one was logged."""
        found = [f"{what}: {line}" for line in self._lines for what, line in self._leaks(line)]
        if found:
            raise AssertionError("Secrets were logged:\n" + "\n".join(found))

    def _leaks(self, line: str) -> Iterator[tuple[str, str]]:
        for secret, what in (self._secrets | self._codes()).items():
            # Grouped or not, in any case. Six digits inside a longer number are no code.
            characters = re.sub(r"[\s-]", "", secret)
            spelled = r"[\s-]?".join(map(re.escape, characters))
            pattern = re.compile(rf"(?<!\d){spelled}(?!\d)", re.IGNORECASE)
            if pattern.search(line):
                yield what, pattern.sub("***", line)

    def _codes(self) -> dict[str, str]:
        now = clock.now()
        return {
            one.code(at=now + step * one.parameters.period_seconds): f"a code of user {one.user.pk}"
            for one in self._enrolments
            for step in range(-3, 4)  # around the current step
        }


@contextmanager
def assert_no_secrets_logged(*known: "Enrolment | str") -> Iterator[LogWatch]:
    """Raise AssertionError at the end of the block if a secret was logged in it.

    Searches for the secrets, backup codes and current codes of all users that `enroll` enrols in
    the block, of the enrolments in `known`, and for the texts in `known`. Reads all loggers, down
    to DEBUG unless a logger has its own level.
    """
    watch, root = LogWatch(), logging.getLogger()
    for one in known:
        watch.look_for(one)
    # Read now: a logger that is created later propagates to the root.
    deaf = [one for one in map(logging.getLogger, root.manager.loggerDict) if not one.propagate]
    level = root.level
    watches.append(watch)
    for logger in (root, *deaf):
        logger.addHandler(watch)
    root.setLevel(logging.DEBUG)
    try:
        yield watch
    finally:
        root.setLevel(level)
        for logger in (root, *deaf):
            logger.removeHandler(watch)
        watches.remove(watch)
    watch.assert_clean()
