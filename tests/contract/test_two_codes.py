"""Two consecutive codes in one request: a login that also ends a lock (RFC 4226, 7.4)."""

from tests.contract.errors import INVALID_CODE, locked


def test_they_log_in(client, ada):
    ada.enrol()
    ada.clock.advance(90)

    answer = ada.answer_challenge(ada.challenge(), otp_codes=[ada.code(), ada.code(steps=1)])

    assert answer.status == 200
    assert set(answer.json) == {"access", "refresh"}


def test_they_end_a_lock(client, ada):
    ada.enrol()
    ada.fail(5)
    challenge = ada.challenge()
    first = ada.next_code()
    ada.clock.advance(1)

    unlocked = ada.answer_challenge(challenge, otp_codes=[first, ada.code(steps=1)])

    assert unlocked.status == 200


def test_the_wrong_order_is_refused(client, ada):
    ada.enrol()
    ada.clock.advance(90)

    answer = ada.answer_challenge(ada.challenge(), otp_codes=[ada.code(steps=1), ada.code()])

    assert answer.outcome == INVALID_CODE


def test_two_right_codes_that_are_not_consecutive_are_refused(client, ada):
    ada.enrol()
    ada.clock.advance(90)

    answer = ada.answer_challenge(
        ada.challenge(), otp_codes=[ada.code(steps=-1), ada.code(steps=1)]
    )

    assert answer.outcome == INVALID_CODE


def test_both_are_used_up(client, ada):
    ada.enrol()
    ada.clock.advance(90)
    pair = [ada.code(), ada.code(steps=1)]
    ada.answer_challenge(ada.challenge(), otp_codes=pair)

    first = ada.answer_challenge(ada.challenge(), otp_code=pair[0])
    second = ada.answer_challenge(ada.challenge(), otp_code=pair[1])

    assert (first.outcome, second.outcome) == (INVALID_CODE, INVALID_CODE)


def test_a_used_code_is_no_half_of_a_pair(client, ada):
    ada.enrol()
    ada.clock.advance(90)
    ada.answer_challenge(ada.challenge(), otp_code=ada.code())

    answer = ada.answer_challenge(ada.challenge(), otp_codes=[ada.code(), ada.code(steps=1)])

    assert answer.outcome == INVALID_CODE


def test_the_setting_switches_unlocking_off(client, ada, settings):
    settings.TOTP_TWO_CODE_UNLOCK = False
    ada.enrol()
    ada.clock.advance(90)
    ada.fail(5)

    answer = ada.answer_challenge(ada.challenge(), otp_codes=[ada.code(), ada.code(steps=1)])

    assert answer.outcome == locked(30)


def test_they_end_a_lock_at_a_step_up(client, ada):
    credential = ada.enrol()
    ada.clock.advance(90)
    ada.fail(5)

    locked_out = client.post("totp/verify/", {"otp_code": ada.code()}, credential)
    pair = [ada.code(), ada.code(steps=1)]
    unlocked = client.post("totp/verify/", {"otp_codes": pair}, credential)

    assert (locked_out.status, unlocked.status) == (429, 200)
    assert client.post("totp/verify/", {"otp_codes": pair}, credential).outcome == INVALID_CODE


def test_a_wrong_pair_at_a_step_up_costs_no_failure_while_locked(client, ada):
    credential = ada.enrol()
    ada.clock.advance(90)
    ada.fail(5)
    before = client.get("totp/status/", credential).json["locked_until"]

    wrong = [ada.code(steps=1), ada.code()]
    answers = [client.post("totp/verify/", {"otp_codes": wrong}, credential) for _ in range(3)]

    assert [answer.outcome for answer in answers] == [INVALID_CODE] * 3
    assert client.get("totp/status/", credential).json["locked_until"] == before
    (event,) = client.get("totp/events/?limit=1", credential).json["events"]
    assert event["type"] == "pair_failed"


def test_one_proof_is_taken_at_a_step_up(client, ada):
    credential = ada.enrol()
    both = {"otp_code": ada.next_code(), "otp_codes": ["000000", "000001"]}

    assert client.post("totp/verify/", both, credential).status in {400, 422}
