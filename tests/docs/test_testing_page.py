"""The page about testing names what there is, as it is."""

import inspect

from drf_compat import testing as of_drf
from ninja_totp import testing
from tests.docs.pages import codes, table_under
from tests.docs.test_docstrings import public_names

PAGE = "docs/how-to/testing.md"
HEADINGS = (
    "Users and codes",
    "A clock that stands still",
    "Clients that are logged in",
    "Nothing secret in the logs",
)
ROWS = [codes(row["name"])[0] for heading in HEADINGS for row in table_under(PAGE, heading)]


def as_shown(name, thing):
    """A name with its parameters, without annotations, for a function."""
    if not inspect.isfunction(thing):
        return name
    signature = inspect.signature(thing)
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    return f"{name}{inspect.Signature(bare)}"


def test_every_helper_is_on_the_page_with_its_parameters():
    ours = {as_shown(name, getattr(testing, name)) for name in public_names("ninja_totp.testing")}
    of_rest_framework = as_shown(
        "drf_compat.testing.verified_api_client", of_drf.verified_api_client
    )

    assert set(ROWS) == ours | {of_rest_framework}


def test_every_fixture_is_on_the_page():
    shown = {codes(row["fixture"])[0] for row in table_under(PAGE, "Fixtures of pytest")}

    assert shown == public_names("ninja_totp.pytest_plugin").keys()
