"""What guessing costs, seen from outside. The arithmetic of it is tested in the core."""

import pytest

from tests.contract.errors import INVALID_CODE, backup_codes_locked, locked


def test_five_failures_are_free_and_the_next_code_is_not_looked_at(client, ada):
    ada.enrol()
    ada.fail(4)

    fifth = ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())
    right = ada.answer_challenge(ada.challenge(), otp_code=ada.code(steps=1))

    assert fifth.outcome == INVALID_CODE
    assert right.outcome == locked(30)
    assert right.headers["Retry-After"] == "30"


def test_a_wrong_and_a_used_code_count_the_attempts_down_alike(client, ada):
    ada.enrol()
    ada.log_in_with_code()
    used = ada.code()
    challenge = ada.challenge()

    left = [
        ada.answer_challenge(challenge, otp_code=code).attempts_left
        for code in (ada.wrong_code(), used, "letters", ada.wrong_code(), used, ada.wrong_code())
    ]

    assert left == [4, 3, None, 2, 1, 0]


def test_the_attempts_left_are_those_of_the_account_whichever_challenge(client, ada):
    ada.enrol()
    ada.fail(3)

    fourth = ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())

    assert fourth.attempts_left == 1


def test_a_challenge_may_allow_fewer_attempts_than_the_account(client, ada, settings):
    settings.TOTP_CHALLENGE_MAX_ATTEMPTS = 2
    ada.enrol()

    first = ada.answer_challenge(ada.challenge(), otp_code=ada.wrong_code())

    assert first.attempts_left == 1


def test_a_step_up_says_how_many_attempts_are_left(client, ada):
    credential = ada.enrol()

    wrong = client.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential)

    assert wrong.attempts_left == 4


def test_a_pair_under_a_lock_says_nothing_of_attempts(client, ada):
    ada.enrol()
    ada.fail(5)
    wrong = ada.wrong_code()

    pair = ada.answer_challenge(ada.challenge(), otp_codes=[wrong, wrong])

    assert pair.outcome == INVALID_CODE
    assert pair.attempts_left is None


@pytest.mark.parametrize("text", ["abc", "12345"])
def test_what_can_be_no_code_says_nothing_of_attempts(client, ada, text):
    ada.enrol()
    ada.fail(2)

    answer = ada.answer_challenge(ada.challenge(), otp_code=text)

    assert answer.outcome == INVALID_CODE
    assert answer.attempts_left is None


def test_without_a_right_challenge_nothing_is_said_of_attempts(client, ada):
    ada.enrol()

    answer = ada.answer_challenge("made-up", otp_code=ada.wrong_code())

    assert answer.attempts_left is None


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

    assert by_backup_code.outcome == backup_codes_locked(30)
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


_NO_CODES = ["letter", "12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "."]


@pytest.mark.parametrize("text", _NO_CODES)
def test_a_text_that_can_be_no_code_costs_no_failure(client, ada, text):
    credential = ada.enrol()
    challenge = ada.challenge()
    for _ in range(6):
        refused = ada.answer_challenge(challenge, otp_code=text)
        ada.answer_challenge(challenge, otp_codes=[text, text])
        client.post("totp/verify/", {"otp_code": text}, credential)
        client.post("totp/disable/", {"input_code": text}, credential)

    answer = ada.answer_challenge(challenge, otp_code=ada.code(steps=1))

    assert refused.outcome == INVALID_CODE
    assert answer.status == 200


def test_a_text_that_can_be_no_backup_code_costs_no_failure(client, ada):
    ada.enrol()
    challenge = ada.challenge()
    outcomes = [ada.answer_challenge(challenge, backup_code="g\u00fcltig") for _ in range(6)]

    answer = ada.answer_challenge(challenge, backup_code=ada.backup_codes[0])

    assert outcomes[-1].outcome == INVALID_CODE
    assert answer.status == 200


@pytest.mark.parametrize("text", _NO_CODES)
def test_a_text_that_can_be_no_code_costs_no_attempt_at_an_enrolment(client, ada, text):
    credential = ada.log_in()
    ada.start(credential)
    for _ in range(6):
        client.post("totp/confirm/", {"input_code": text}, credential)

    assert ada.confirm(credential).status == 200


def test_a_text_that_can_be_no_code_is_refused_during_a_lock_as_any_other(client, ada):
    ada.enrol()
    ada.fail(5)
    challenge = ada.challenge()

    refused = [ada.answer_challenge(challenge, otp_codes=["a", "b"]) for _ in range(6)]
    ada.clock.advance(29)

    assert refused[-1].json["code"] == "locked"
    pair = [ada.code(), ada.code(steps=1)]
    assert ada.answer_challenge(challenge, otp_codes=pair).status == 200


@pytest.mark.parametrize(
    "pasted", ["\u2022 {0}\u00a0{1}.", "\u2066{0}\u2009\u2013\u2009{1}\u2069", "{0}\u200b{1}\ufeff"]
)
def test_a_code_is_taken_as_it_is_pasted(client, ada, pasted):
    credential = ada.log_in()
    ada.start(credential)
    code, wide = ada.code(), {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
    confirmed = client.post(
        "totp/confirm/",
        {"input_code": pasted.format(code[:3], code[3:]).translate(wide)},
        credential,
    )
    backup_code = confirmed.json["backup_codes"][0]

    by_backup_code = ada.answer_challenge(
        ada.challenge(), backup_code=pasted.format(backup_code[:4], backup_code[4:])
    )

    assert by_backup_code.status == 200
