"""A guarded endpoint of a controller, under the settings of `controllers.py`."""

import pytest

from tests.support.clock import StoppedClock
from tests.support.doors import NinjaDoor
from tests.support.people import Person
from tests.world import controllers_urls


@pytest.mark.django_db
def test_a_controller_wants_a_recent_proof(monkeypatch, settings):
    settings.TOTP_THROTTLE_RATE = None
    door = NinjaDoor()
    ada = Person(door, StoppedClock().install(monkeypatch), "ada")
    weak = ada.log_in()
    verified = ada.enrol()

    refused, opened = (one.send("GET", "/ninja/accounts/close/") for one in (weak, verified))

    assert (refused.status_code, opened.status_code) == (401, 200)
    assert 'max_age="300"' in refused.headers["WWW-Authenticate"]


def test_a_controller_says_how_it_refuses():
    document = controllers_urls.api.get_openapi_schema(path_prefix="")

    responses = document["paths"]["/accounts/close/"]["get"]["responses"]
    names = {
        status: one["content"]["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
        for status, one in responses.items()
    }

    assert names == {200: "", 401: "TotpRefusal", 403: "TotpRefusal"}
    assert "code" in document["components"]["schemas"]["TotpRefusal"]["properties"]
