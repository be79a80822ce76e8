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
