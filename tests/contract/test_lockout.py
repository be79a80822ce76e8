"""What guessing costs, seen from outside. The arithmetic of it is tested in the core."""

import pytest

from tests.contract.errors import INVALID_CODE, locked


def test_five_failures_are_free_and_the_next_code_is_not_looked_at(client, ada):
    ada.enrol()
    ada.fail(4)

    fifth = ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())
    right = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert fifth.outcome == INVALID_CODE
    assert right.outcome == locked(30)
    assert right.headers["Retry-After"] == "30"


def test_the_wait_counts_down(client, ada):
    ada.enrol()
    ada.fail(5)
    ada.clock.advance(29)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.outcome == locked(1)


def test_a_lock_ends_by_itself(client, ada):
    ada.enrol()
    ada.fail(5)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert answer.status == 200


def test_each_further_failure_doubles_the_wait(client, ada):
    ada.enrol()
    ada.fail(5)
    ada.clock.advance(30)
    ada.fail(1)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.outcome == locked(60)


def test_attempts_while_locked_cost_nothing(client, ada):
    ada.enrol()
    ada.fail(25)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert answer.status == 200


def test_a_success_ends_the_burst(client, ada):
    ada.enrol()
    ada.fail(4)
    ada.log_in_with_code()
    ada.fail(4)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert answer.status == 200


def test_the_budget_outlives_a_success(client, ada):
    ada.enrol()
    for _ in range(4):
        ada.fail(4)
        ada.log_in_with_code()
    ada.fail(4)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.status == 429
    assert 80_000 < answer.json["retry_after"] <= 86_400


def test_the_hard_cap_is_ended_by_no_waiting(client, ada, settings):
    settings.TOTP_LOCKOUT_HARD_CAP = 10
    ada.enrol()
    for _ in range(10):
        ada.fail(1)
        ada.clock.advance(3600)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert answer.outcome == locked(None)
    assert "Retry-After" not in answer.headers


def test_a_new_password_ends_the_hard_cap(client, ada, settings):
    settings.TOTP_LOCKOUT_HARD_CAP = 10
    ada.enrol()
    for _ in range(10):
        ada.fail(1)
        ada.clock.advance(3600)
    ada.user.set_password("another")
    ada.user.save()

    challenge = ada.give_password(password="another").json["totp_challenge_token"]

    assert ada.answer_challenge(challenge, otp_code=ada.next_code()).status == 200


def test_backup_codes_work_while_codes_are_locked(client, ada):
    ada.enrol()
    ada.fail(5)

    answer = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

    assert answer.status == 200


def test_codes_work_while_backup_codes_are_locked(client, ada):
    ada.enrol()
    for _ in range(5):
        ada.answer_challenge(ada.challenge(), backup_code="wrong")

    by_backup_code = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])
    by_code = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert by_backup_code.outcome == locked(30)
    assert by_code.status == 200


@pytest.mark.parametrize("path", ["totp/disable/", "totp/verify/", "totp/replace/"])
def test_every_call_that_takes_a_code_shares_one_count(client, ada, path):
    credential = ada.enrol()
    ada.fail(4)
    wrong = ada.wrong_code()
    client.post(path, {"input_code": wrong, "otp_code": wrong}, credential)

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert answer.outcome == locked(30)


def test_a_wrong_pair_is_charged_to_its_challenge_alone(client, ada):
    ada.enrol()
    ada.fail(5)
    challenge = ada.challenge()
    for _ in range(5):
        ada.answer_challenge(challenge, otp_codes=["000000", "000000"])

    answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

    assert answer.status == 200


def test_nobody_else_is_locked(client, ada, grace):
    ada.enrol()
    grace.enrol()
    ada.fail(5)

    answer = grace.answer_challenge(grace.challenge(), otp_code=grace.next_code())

    assert answer.status == 200
