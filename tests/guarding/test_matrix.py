"""Who gets in: each credential in each state at each guarded endpoint, as the docs' table says."""

import pytest
from django.contrib.auth import get_user_model

from tests.docs.pages import codes, table_under
from tests.guarding.arrangements import ARRANGEMENTS
from tests.guarding.everything import ENDPOINTS, MIDDLEWARE
from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person
from tests.urls import api

PAGE = "docs/reference/who-gets-in.md"
ROWS = [row for row in table_under(PAGE, "Who gets in") if "state" in row]
COLUMNS = [row for row in table_under(PAGE, "Who gets in") if "column" in row]
# What changes the factor is asked last, when it can no longer turn another answer.
ORDER = sorted(ENDPOINTS, key=lambda column: column == "change")
# What the package's own router has besides, each with tests of its own: these ask for no standing.
UNGUARDED = {"create", "confirm", "verify", "recovery", "recovery_confirm"}
UNGUARDED |= {"recovery_cancel", "trusted_devices/{device_id}"}
UNGUARDED |= {"authenticators/{authenticator_id}"}

pytestmark = pytest.mark.urls("tests.guarding.everything")


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja_jwt", "simplejwt"])
def ada(request, db, clock, settings):
    """Somebody who runs the site, and whose tokens are of the one library or the other."""
    settings.TOTP_THROTTLE_RATE = None
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 30 * 86_400
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.TOTP_VERIFY_URL = "verify"
    ada = Person(request.param(), clock, "ada")
    get_user_model().objects.filter(pk=ada.user.pk).update(is_staff=True, is_superuser=True)
    return ada


def _word(answer):
    words = {2: "in", 3: "login"}
    return words.get(answer.status_code // 100, str(answer.status_code))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['credential']} {row['state']}")
def test_the_answers_are_those_of_the_table(ada, row):
    shown = ARRANGEMENTS[row["credential"], row["state"]](ada)

    answers = {column: _answers(shown, column) for column in ORDER}

    assert answers == {
        column: dict.fromkeys(answers[column], row[f"`{column}`"]) for column in ORDER
    }


def _answers(shown, column):
    # A browser opens the pages of a site, and is led to another one.
    headers = {"Accept": "text/html"} if column == "site" else {}
    return {
        url: _word(shown.send(method, url, headers=headers)) for method, url in ENDPOINTS[column]
    }


def test_the_table_has_each_credential_in_each_state_once():
    assert [(row["credential"], row["state"]) for row in ROWS] == list(ARRANGEMENTS)


def test_the_table_has_a_column_for_each_kind_of_endpoint():
    named = [codes(row["column"])[0] for row in COLUMNS]

    assert named == list(ENDPOINTS)
    assert {codes(title)[0] for row in ROWS for title in row if codes(title)} == set(ENDPOINTS)


def test_no_call_of_the_package_is_left_out():
    calls = {
        path.removeprefix("/ninja/totp/").strip("/")
        for path in api.get_openapi_schema()["paths"]
        if path.startswith("/ninja/totp/")
    }
    asked = {url.split("/")[-2] for column in ("change", "look") for _, url in ENDPOINTS[column]}

    assert calls == asked | UNGUARDED
