"""What a password alone has opened ends when a factor is switched on (SECURITY, N5)."""

from ninja_jwt.tokens import RefreshToken

from tests.contract.errors import TOKEN_NOT_VALID


def test_a_refresh_token_from_before_ends(client, ada):
    refresh = {"refresh": ada.give_password().json["refresh"]}
    before = client.post("jwt/refresh/", refresh)
    ada.clock.advance(60)
    ada.enrol()

    assert before.status == 200
    assert client.post("jwt/refresh/", refresh).outcome == TOKEN_NOT_VALID
    assert client.post("jwt/verify/", {"token": refresh["refresh"]}).outcome == TOKEN_NOT_VALID


def test_one_that_was_renewed_before_ends_as_well(client, ada, clock):
    first = ada.give_password().json["refresh"]
    clock.advance(60)
    renewed = client.post("jwt/refresh/", {"refresh": first}).json.get("refresh", first)
    ada.enrol()

    assert client.post("jwt/refresh/", {"refresh": renewed}).outcome == TOKEN_NOT_VALID


def test_the_owners_own_client_gets_one_that_goes_on(client, ada, clock):
    credential = ada.log_in()
    clock.advance(60)
    ada.start(credential)
    refresh = ada.confirm(credential).json["refresh"]

    assert client.post("jwt/refresh/", {"refresh": refresh}).status == 200


def test_one_of_a_trusted_device_goes_on(client, ada, clock, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 86_400
    ada.enrol()
    clock.advance(60)
    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code(), trust_device="Phone")
    clock.advance(60)
    token = answer.json["trusted_device_token"]
    refresh = ada.give_password(trusted_device_token=token).json["refresh"]

    assert client.post("jwt/refresh/", {"refresh": refresh}).status == 200


def test_one_without_a_time_goes_on_while_an_enrolment_waits(client, ada):
    ada.start(ada.log_in())
    undated = RefreshToken.for_user(ada.user)
    del undated["iat"]

    assert client.post("jwt/refresh/", {"refresh": str(undated)}).status == 200


def test_one_of_a_user_without_a_factor_goes_on(client, ada, grace):
    refresh = grace.give_password().json["refresh"]
    ada.enrol()

    assert client.post("jwt/refresh/", {"refresh": refresh}).status == 200
