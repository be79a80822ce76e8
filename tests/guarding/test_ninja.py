"""`second_factor`: endpoints of a project's own NinjaAPI."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient
from ninja_jwt.authentication import AsyncJWTAuth
from ninja_jwt.tokens import AccessToken

from ninja_totp.api import Session, second_factor
from ninja_totp.http.document import TotpRefusal
from tests.guarding.urls import bare, projects
from tests.support.credentials import NOBODY, Bearer

CHALLENGE = (
    'Bearer error="insufficient_user_authentication", '
    'error_description="A more recent second factor is required", max_age="60"'
)
REFUSAL = {
    "detail": "Please confirm it's you: enter a code from your authenticator app.",
    "code": "second_factor_required",
    "max_age": 60,
}
BY_TOKEN = ["/projects/sync", "/projects/async", "/projects/sync-behind-async"]

pytestmark = pytest.mark.urls("tests.guarding.urls")


def _post(url, credential):
    return credential.send("POST", url, content_type="application/json")


@pytest.mark.parametrize(
    "guard",
    [
        lambda: second_factor(AsyncJWTAuth),
        lambda: second_factor(max_age=60)(AsyncJWTAuth),
        lambda: second_factor(AsyncJWTAuth(), issuer=Session),
    ],
)
def test_a_class_in_the_place_of_an_instance_is_refused_where_it_is_written(guard):
    with pytest.raises(TypeError, match=r"must be an instance: \w+\(\), not the class"):
        guard()


@pytest.mark.parametrize("url", BY_TOKEN)
def test_a_recent_proof_opens_the_endpoint(ada, url):
    answer = _post(url, ada.enrol())

    assert (answer.status_code, answer.json()) == (200, {"user": "ada"})


@pytest.mark.parametrize("url", BY_TOKEN)
def test_a_bearer_caller_is_told_by_the_challenge_of_the_standard(ada, url):
    credential = ada.log_in()
    ada.enrol()

    answer = _post(url, credential)

    assert (answer.status_code, answer.json()) == (401, REFUSAL)
    assert answer["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (61, 401)])
def test_a_proof_is_recent_for_as_long_as_the_endpoint_says(ada, clock, seconds, status):
    credential = ada.enrol()
    clock.advance(seconds)

    assert _post("/projects/sync", credential).status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(900, 200), (901, 401)])
def test_without_a_word_the_setting_counts(ada, clock, seconds, status):
    credential = ada.enrol()
    clock.advance(seconds)

    assert _post("/projects/either", credential).status_code == status


def test_the_way_back_is_a_step_up(ada, door, clock):
    credential = ada.enrol()
    clock.advance(61)
    renewed = door.post("totp/verify/", {"otp_code": ada.next_code()}, credential).json

    assert _post("/projects/async", credential).status_code == 401
    assert _post("/projects/async", Bearer(renewed["access"])).status_code == 200


def test_a_proof_of_an_earlier_factor_is_none(ada, door):
    older = ada.enrol()
    door.post("totp/disable/", {"input_code": ada.next_code()}, older)
    ada.enrol()

    assert _post("/projects/sync", older).status_code == 401


def test_a_user_without_a_factor_is_told_to_set_one_up(ada):
    answer = _post("/projects/sync", ada.log_in())

    assert (answer.status_code, answer.json()["code"]) == (403, "enrolment_required")


def test_a_token_of_an_unknown_kind_proves_nothing(ada):
    ada.enrol()
    token = Bearer(str(AccessToken.for_user(ada.user)))

    assert _post("/projects/sync", token).json() == REFUSAL


@pytest.mark.parametrize("url", [*BY_TOKEN, "/projects/session", "/projects/function"])
def test_nobody_learns_what_an_endpoint_asks_for(db, url):
    """The challenge comes after a valid credential only (RFC 9470, section 9)."""
    answer = _post(url, NOBODY)

    assert answer.status_code in (401, 403)
    assert "step_up" not in answer.content.decode()
    assert "insufficient" not in answer.get("WWW-Authenticate", "")


def test_a_session_is_forbidden_without_a_challenge(ada, browser):
    ada.enrol()

    answer = _post("/projects/session", browser)

    assert (answer.status_code, answer.json()) == (403, REFUSAL)
    assert "WWW-Authenticate" not in answer


def test_a_step_up_opens_the_endpoint_to_the_session(ada, door, browser):
    ada.enrol()
    door.post("totp/verify/", {"otp_code": ada.next_code()}, browser)

    assert _post("/projects/session", browser).json() == {"user": "ada"}


def test_the_second_of_two_ways_in_is_tried(ada, door, browser):
    ada.enrol()
    door.post("totp/verify/", {"otp_code": ada.next_code()}, browser)

    assert _post("/projects/either", browser).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("token", 401), ("session", 403)])
def test_an_api_that_knows_nothing_of_us_refuses_by_status_and_sentence(ada, browser, kind, status):
    credential = {"token": ada.log_in(), "session": browser}[kind]
    ada.enrol()

    answer = _post("/bare/either", credential)

    assert answer.status_code == status
    assert answer.json() == {"detail": REFUSAL["detail"]}


def test_an_authentication_that_gives_no_user_is_a_mistake_of_the_project(db):
    with pytest.raises(ImproperlyConfigured, match="it got str"):
        _post("/projects/stranger", Bearer("x"))


@pytest.mark.parametrize("api", [projects, bare], ids=["projects", "bare"])
def test_the_document_names_the_schemes_of_the_project(api):
    document = api.get_openapi_schema()

    assert document["components"]["securitySchemes"]["JWTAuth"] == {
        "type": "http",
        "scheme": "bearer",
    }
    path = next(path for path in document["paths"] if path.endswith("/either"))
    assert [list(scheme) for scheme in document["paths"][path]["post"]["security"]] == [
        ["JWTAuth"],
        ["SessionAuth"],
    ]


@pytest.mark.parametrize("api", [projects, bare], ids=["projects", "bare"])
@pytest.mark.parametrize("url", ["sync", "session"])
@pytest.mark.parametrize("caller", ["nobody", "without a factor", "without a proof", "no token"])
def test_a_refusal_is_as_the_document_says(ada, browser, api, url, caller):
    weak = ada.log_in() if url == "sync" else browser
    credential = NOBODY if caller == "nobody" else weak
    if caller != "without a factor":
        ada.enrol()
    if caller == "no token" and url == "session":
        credential = browser.without_csrf_token()

    answer = _post(f"/{api.title}/{url}", credential)

    responses = api.get_openapi_schema(path_prefix="")["paths"][f"/{url}"]["post"]["responses"]
    name = responses[answer.status_code]["content"]["application/json"]["schema"]["$ref"]
    assert name.endswith("/TotpRefusal")
    TotpRefusal.model_validate(answer.json(), strict=True)


@pytest.mark.django_db(transaction=True)
async def test_requests_at_once_are_guarded_each(ada):
    credential = await sync_to_async(ada.enrol)()

    answers = await asyncio.gather(
        *(AsyncClient().post(url, headers=credential.headers) for url in BY_TOKEN)
    )

    assert [answer.status_code for answer in answers] == [200, 200, 200]
