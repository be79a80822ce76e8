"""The rows of the table are gathered while the tests run, and printed at the end."""

import pytest

from tests.compat.table import Row, lines

_ROWS = pytest.StashKey[dict[str, Row]]()


@pytest.fixture(scope="session")
def rows(request):
    """The rows so far, by case."""
    return request.config.stash.setdefault(_ROWS, {})


def pytest_terminal_summary(terminalreporter, config):
    """Print the table."""
    if rows := config.stash.get(_ROWS, {}):
        terminalreporter.section("side by side")
        terminalreporter.write_line("\n".join(lines(list(rows.values()))))
