"""Step-up and enrolment as permissions of a project's own views."""

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import AccessToken

from drf_compat.permissions import SecondFactor, TotpEnrolled
from ninja_totp.http.document import step_up_responses
from tests.support.credentials import NOBODY, Bearer

CHALLENGE = 'Bearer error="insufficient_user_authentication", '


class _View(APIView):
    def get(self, request):
        return Response({})


def _guarded(*permissions):
    return _View.as_view(permission_classes=permissions)


urlpatterns = [
    path("transfer", _guarded(SecondFactor(max_age=300))),
    path("usual", _guarded(SecondFactor)),
    path("both", _guarded(IsAuthenticated & SecondFactor(max_age=300))),
    path("either", _guarded(IsAdminUser | SecondFactor(max_age=300))),
    path("enrolled", _guarded(TotpEnrolled)),
]


@pytest.fixture
def get(ada):
    """A function that asks for a page with a credential."""

    def ask(url, credential):
        with override_settings(ROOT_URLCONF=__name__):
            return credential.send("GET", url)

    return ask


@pytest.fixture
def foreign_token(ada):
    """A token that says nothing of a factor."""
    return Bearer(str(AccessToken.for_user(ada.user)))


@pytest.mark.parametrize("url", ["/transfer", "/usual", "/both", "/either"])
def test_a_recent_proof_opens_the_page(get, ada, url):
    assert get(url, ada.enrol()).status_code == 200


@pytest.mark.parametrize("url", ["/transfer", "/usual", "/both", "/either"])
def test_a_password_alone_does_not(get, ada, url):
    credential = ada.log_in()
    ada.enrol()

    answer = get(url, credential)

    assert answer.status_code == 401
    assert answer.json()["code"] == "second_factor_required"


@pytest.mark.parametrize("url", ["/transfer", "/usual", "/both", "/enrolled"])
def test_nobody_is_asked_to_log_in_first(get, ada, url):
    answer = get(url, NOBODY)

    assert answer.status_code == 401
    assert "insufficient" not in answer["WWW-Authenticate"]


def test_a_bearer_caller_is_told_by_the_challenge_of_the_standard(get, ada):
    credential = ada.enrol()
    ada.clock.advance(301)

    answer = get("/transfer", credential)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith(CHALLENGE)
    assert answer["WWW-Authenticate"].endswith('max_age="300"')
    assert answer.json() == {
        "detail": "Please confirm it's you: enter a code from your authenticator app.",
        "code": "second_factor_required",
        "max_age": 300,
    }


def test_a_session_is_forbidden(get, ada):
    browser = ada.open_browser()
    ada.enrol()

    answer = get("/transfer", browser)

    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer
    assert answer.json()["code"] == "second_factor_required"


def test_a_step_up_opens_the_page_to_a_session(get, ada, door):
    browser = ada.open_browser()
    ada.enrol()
    door.post("totp/verify/", {"otp_code": ada.next_code()}, browser)

    assert get("/transfer", browser).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(300, 200), (301, 401)])
def test_a_proof_is_recent_for_as_long_as_the_page_says(get, ada, seconds, status):
    credential = ada.enrol()
    ada.clock.advance(seconds)

    assert get("/transfer", credential).status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(900, 200), (901, 401)])
def test_without_a_word_the_setting_counts(get, ada, seconds, status):
    credential = ada.enrol()
    ada.clock.advance(seconds)

    assert get("/usual", credential).status_code == status


def test_a_proof_of_an_older_factor_is_none(get, ada, door):
    credential = ada.enrol()
    door.post("totp/disable/", credential=credential)
    ada.enrol()

    assert get("/transfer", credential).status_code == 401


def test_a_proof_of_a_factor_that_is_off_is_none(get, ada, door):
    credential = ada.enrol()
    door.post("totp/disable/", credential=credential)

    answer = get("/transfer", credential)

    assert (answer.status_code, answer.json()["code"]) == (403, "enrolment_required")


def test_a_token_of_the_projects_own_proves_nothing(get, ada, foreign_token):
    ada.enrol()

    assert get("/transfer", foreign_token).status_code == 401


def test_an_alternative_opens_the_page_as_well(get, ada):
    ada.user.is_staff = True
    ada.user.save()

    assert get("/either", ada.log_in()).status_code == 200


def test_an_authenticator_in_use_opens_the_page(get, ada):
    assert get("/enrolled", ada.enrol()).status_code == 200


def test_a_pending_one_does_not(get, ada):
    credential = ada.log_in()
    ada.start(credential)

    answer = get("/enrolled", credential)

    assert answer.status_code == 403
    assert answer.json() == {
        "detail": "Set up two-factor authentication first.",
        "code": "enrolment_required",
    }


@pytest.mark.parametrize("url", ["/transfer", "/both", "/enrolled"])
@pytest.mark.parametrize("enrolled", [True, False])
def test_a_refusal_is_as_the_documents_say(get, ada, foreign_token, url, enrolled):
    if enrolled:
        ada.enrol()
    callers = [NOBODY, Bearer("no token"), foreign_token]

    answers = [get(url, caller) for caller in callers]

    refusals = [answer for answer in answers if answer.status_code != 200]
    assert len(refusals) >= 2
    for refusal in refusals:
        step_up_responses[refusal.status_code].model_validate(refusal.json(), strict=True)
