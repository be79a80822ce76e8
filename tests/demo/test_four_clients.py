"""The danger zone of the demo wants a second factor of the last minute, of four kinds of caller."""

import pytest

REFUSAL = {
    "detail": "Please confirm it's you: enter a code from your authenticator app.",
    "code": "second_factor_required",
    "max_age": 60,
}
CHALLENGE = (
    'Bearer error="insufficient_user_authentication", '
    'error_description="A more recent second factor is required", max_age="60"'
)
DELETED = {"detail": "Everything of ada would be deleted now."}
BEARERS = ["jwt_client", "drf_client", "curl_client"]

every_client = pytest.mark.parametrize("caller", ["session_client", *BEARERS], indirect=True)
every_bearer = pytest.mark.parametrize("caller", BEARERS, indirect=True)


@every_client
def test_for_a_minute_a_login_with_both_factors_is_proof_enough(caller, clock):
    clock.advance(60)

    reply = caller.endanger()

    assert (reply.status, reply.body) == (200, DELETED)


@every_bearer
def test_later_a_bearer_meets_the_challenge_of_the_standard(caller, clock):
    clock.advance(61)

    reply = caller.endanger()

    assert (reply.status, reply.body) == (401, REFUSAL)
    assert reply.headers["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("caller", ["session_client"], indirect=True)
def test_later_a_session_is_told_by_the_envelope_alone(caller, clock):
    clock.advance(61)

    reply = caller.endanger()

    assert (reply.status, reply.body) == (403, REFUSAL)
    assert "WWW-Authenticate" not in reply.headers


@every_client
def test_a_fresh_code_satisfies_the_challenge(caller, clock, phone):
    clock.advance(61)
    refused = caller.endanger()

    verified = caller.verify(phone.code())
    reply = caller.endanger()

    assert refused.body == REFUSAL
    assert verified.status == 200
    assert (reply.status, reply.body) == (200, DELETED)
