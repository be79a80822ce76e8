"""The sizing table on the page on deploying follows from the figures above it."""

import re

import pytest

from tests.docs.pages import table_under

PAGE, HEADING = "docs/how-to/deploy.md", "How large it has to be"
ROWS = table_under(PAGE, HEADING)
FIGURES = {
    row["symbol"]: float(re.match("[0-9.]+", row["figure"])[0]) for row in ROWS if "symbol" in row
}
SIZES = [row for row in ROWS if "users" in row]


def by_the_formulae(users):
    """What the page's formulae give, by the titles of the table's columns."""
    f = FIGURES
    logins = users * 0.2 / 3600
    seconds = (f["H"] + f["L"]) / 1000
    return {
        "logins/s": logins,
        "disk, MB": users * (f["U"] + 12 * f["E"] + f["C"] + f["D"]) / 1000,
        "cores": logins * seconds / 0.6,
        "cores for the second factor": logins * f["L"] / 1000 / 0.6,
        "connections": logins * seconds,
        "Redis keys": logins * 60 * 2,
        "Redis, kB": logins * 60 * 2 * f["R"],
    }


def test_the_figures_are_those_that_the_formulae_speak_of():
    assert FIGURES.keys() == set("UECDHLR")
    assert [row["users"] for row in SIZES] == ["1,000", "10,000", "100,000", "1,000,000"]


@pytest.mark.parametrize("row", SIZES, ids=lambda row: row["users"])
def test_a_row_follows_from_the_figures(row):
    users = int(row["users"].replace(",", ""))
    shown = {title: float(text.replace(",", "")) for title, text in row.items() if title != "users"}

    # Two digits are shown, and one of the smallest.
    assert shown == pytest.approx(by_the_formulae(users), rel=0.2 if users < 10_000 else 0.05)


def test_the_two_steps_are_the_time_of_a_login():
    steps = re.search(r"both steps \(([0-9.]+) and ([0-9.]+) ms\)", str(ROWS))

    assert sum(map(float, steps.groups())) == pytest.approx(FIGURES["L"])


def test_the_size_of_a_user_is_the_one_that_was_measured():
    growth = table_under("docs/explanation/performance.md", "Growth")
    measured = [int(row["bytes stored per user"]) for row in growth if "enrolled users" in row]

    assert min(measured) <= 1000 * FIGURES["U"] <= max(measured)
