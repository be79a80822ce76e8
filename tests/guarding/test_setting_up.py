"""Who sets up a factor: each kind of credential, before and after what takes a factor away."""

import json

import pytest

from tests.docs.pages import codes, table_under
from tests.guarding.setting_up import CREDENTIALS, DRF_ONLY, EVENTS
from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person, code_of

ROWS = table_under("docs/reference/who-gets-in.md", "Who can set up 2FA")
CELLS = [
    (row["credential"], codes(title)[0], cell)
    for row in ROWS
    for title, cell in row.items()
    if codes(title)
]

pytestmark = pytest.mark.urls("tests.guarding.setting_up")


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def api(request):
    """The API at which the factor is set up, and at which Ada logs in."""
    return request.param


@pytest.fixture
def ada(api, db, clock, settings):
    """Somebody without a factor. The clock is in the past: the libraries keep the real time."""
    settings.TOTP_THROTTLE_RATE = None
    clock.seconds = 1_700_000_010
    return Person(api(), clock, "ada")


@pytest.mark.parametrize("cell", CELLS, ids=" - ".join)
def test_the_answer_is_that_of_the_table(ada, api, settings, cell):
    credential, column, expected = cell
    name = api.prefix.strip("/")
    if credential in DRF_ONLY and name == "ninja":
        pytest.skip("there is no such thing at the Ninja API")
    if "signed cookie" in credential:
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    log_in, said = CREDENTIALS[credential], []
    old = log_in(ada)
    if column != "before enrolment":
        ada.enrol()
        ada.clock.advance(5)
        EVENTS[column](ada)
        said.append(_word(ada, old(name), name))
        old = log_in(ada)
    said.append(_word(ada, old(name), name))

    assert ", ".join(said) == expected


def _word(ada, credential, api):
    """Return what comes of a try to set up a factor, by a secret of one's own or of the owner's."""
    created = _post(credential, api, "create")
    if created.status_code == 201:
        code = code_of(created.json()["secret"], ada.clock.now())
        assert _post(credential, api, "confirm", input_code=code).status_code == 200
        return "in"
    ada.start(ada.log_in())
    confirmed = _post(credential, api, "confirm", input_code=ada.next_code())
    assert confirmed.status_code == created.status_code
    return str(created.status_code)


def _post(credential, api, call, **body):
    url, data = f"/setting-up/{api}/totp/{call}/", json.dumps(body)
    return credential.send("POST", url, data=data, content_type="application/json")


def test_the_table_has_each_kind_of_credential():
    assert [row["credential"] for row in ROWS] == list(CREDENTIALS)
    assert {column for _, column, _ in CELLS} == {"before enrolment", *EVENTS}
