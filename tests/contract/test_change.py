"""Switching off, rotating backup codes, replacing the authenticator.

By what right a caller may do so is `test_standing.py`; here stands what each of them brings.
"""

import pytest

from ninja_totp.models import Account
from tests.contract.errors import (
    INVALID_CHALLENGE,
    INVALID_CODE,
    NOT_ENROLLED,
    SECOND_FACTOR_REQUIRED,
    locked,
)
from tests.support.credentials import Bearer
from tests.support.people import code_of

every_change = pytest.mark.parametrize(
    ("path", "status"),
    [("totp/disable/", 204), ("totp/rotate_backup_codes/", 200), ("totp/replace/", 201)],
    ids=["disable", "rotate", "replace"],
)


@every_change
class TestEveryChange:
    def test_a_code_in_the_body_is_enough(self, client, ada, foreign_token, path, status):
        ada.enrol()

        answer = client.post(path, {"input_code": ada.next_code()}, foreign_token(ada.user))

        assert answer.status == status

    def test_a_backup_code_in_the_body_is_enough(self, client, ada, foreign_token, path, status):
        ada.enrol()

        body = {"backup_code": ada.backup_codes[3]}

        assert client.post(path, body, foreign_token(ada.user)).status == status

    def test_an_empty_object_is_as_good_as_no_body(self, client, ada, path, status):
        credential = ada.enrol()

        assert client.post(path, {}, credential).status == status

    def test_unknown_keys_are_ignored(self, client, ada, path, status):
        credential = ada.enrol()

        assert client.post(path, {"otp_code": "123456", "x": []}, credential).status == status

    def test_a_wrong_code_is_refused_whatever_the_standing(self, client, ada, path, status):
        credential = ada.enrol()

        answer = client.post(path, {"input_code": ada.wrong_code()}, credential)

        assert answer.outcome == INVALID_CODE

    def test_a_wrong_backup_code_is_refused(self, client, ada, path, status):
        credential = ada.enrol()

        answer = client.post(path, {"backup_code": "0000-" * 5 + "0000"}, credential)

        assert answer.outcome == INVALID_CODE

    def test_a_used_code_is_refused_like_a_wrong_one(self, client, ada, path, status):
        credential = ada.enrol()

        answer = client.post(path, {"input_code": ada.code()}, credential)

        assert answer.outcome == INVALID_CODE

    def test_somebody_elses_backup_code_is_refused(self, client, ada, grace, path, status):
        credential = ada.enrol()
        grace.enrol()

        answer = client.post(path, {"backup_code": grace.backup_codes[0]}, credential)

        assert answer.outcome == INVALID_CODE

    def test_a_factor_is_needed(self, client, ada, path, status):
        answer = client.post(path, credential=ada.log_in())

        assert answer.outcome == NOT_ENROLLED

    def test_a_code_proves_nothing_without_a_factor(self, client, ada, path, status):
        answer = client.post(path, {"input_code": "123456"}, ada.log_in())

        assert answer.outcome == NOT_ENROLLED

    def test_a_lock_refuses_a_right_code(self, client, ada, path, status):
        credential = ada.enrol()
        ada.fail(5)

        answer = client.post(path, {"input_code": ada.code(steps=1)}, credential)

        assert answer.outcome == locked(30)
        assert answer.headers["Retry-After"] == "30"

    def test_wrong_codes_here_count_as_anywhere(self, client, ada, path, status):
        credential = ada.enrol()
        for _ in range(5):
            client.post(path, {"input_code": ada.wrong_code()}, credential)

        answer = ada.answer_challenge(ada.challenge(), otp_code=ada.code())

        assert answer.outcome == locked(30)

    def test_a_refused_change_ends_no_open_challenge(self, client, ada, path, status):
        credential = ada.enrol()
        challenge = ada.challenge()
        client.post(path, {"input_code": ada.wrong_code()}, credential)

        answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

        assert answer.status == 200


def test_a_factor_that_is_off_asks_for_no_second_step(client, ada):
    client.post("totp/disable/", credential=ada.enrol())

    answer = ada.give_password()

    assert answer.json["is_totp_enabled"] is False
    assert set(answer.json) == {"step", "is_totp_enabled", "access", "refresh"}


def test_switching_off_ends_open_challenges(client, ada):
    credential = ada.enrol()
    challenge = ada.challenge()
    client.post("totp/disable/", credential=credential)

    answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

    assert answer.outcome == INVALID_CHALLENGE


def test_switching_off_calls_a_pending_enrolment_off(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    assert client.post("totp/disable/", credential=credential).status == 204
    assert client.get("totp/status/", credential).json["pending"] is False


def test_a_pending_enrolment_alone_can_neither_be_rotated_nor_replaced(client, ada):
    credential = ada.log_in()
    ada.start(credential)

    assert client.post("totp/rotate_backup_codes/", credential=credential).outcome == NOT_ENROLLED
    assert client.post("totp/replace/", credential=credential).outcome == NOT_ENROLLED


def test_switching_off_and_on_gives_no_new_guesses(client, ada):
    credential = ada.enrol()
    for _ in range(4):
        client.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential)
    client.post("totp/disable/", credential=credential)
    ada.start(credential)
    ada.confirm(credential)

    statuses = [
        client.post("totp/verify/", {"otp_code": ada.wrong_code()}, credential).status
        for _ in range(6)
    ]

    # The burst is over by the code that confirmed; the budget of twenty remembers all of them.
    days_until_forgiven = (Account.objects.get().budget_full_epoch - ada.clock.now()) / 86_400
    assert statuses == [400] * 5 + [429]
    assert round(days_until_forgiven) == 4 + 5


def test_enrolling_again_makes_a_new_secret(client, ada):
    credential = ada.enrol()
    older = ada.secret
    client.post("totp/disable/", credential=credential)

    ada.start(credential)

    assert ada.secret != older


def test_rotated_backup_codes_replace_the_older_ones(client, ada):
    older = ada.enrol() and ada.backup_codes

    answer = client.post("totp/rotate_backup_codes/", credential=ada.log_in_with_code())

    refused = ada.answer_challenge(ada.challenge(), backup_code=older[0])
    accepted = ada.answer_challenge(ada.challenge(), backup_code=answer.json["backup_codes"][0])
    assert set(answer.json) == {"backup_codes"}
    assert len(set(answer.json["backup_codes"])) == 10
    assert set(answer.json["backup_codes"]).isdisjoint(older)
    assert (refused.outcome, accepted.status) == (INVALID_CODE, 200)


def test_rotating_by_a_backup_code_uses_it_up(client, ada, foreign_token):
    ada.enrol()
    body = {"backup_code": ada.backup_codes[0]}
    client.post("totp/rotate_backup_codes/", body, foreign_token(ada.user))

    answer = client.post("totp/rotate_backup_codes/", body, foreign_token(ada.user))

    assert answer.outcome == INVALID_CODE


def test_a_replacement_answers_as_an_enrolment_does(client, ada):
    answer = client.post("totp/replace/", credential=ada.enrol())

    assert answer.status == 201
    assert set(answer.json) == {"svg", "uri", "secret", "secret_grouped", "expires_at"}
    assert answer.json["secret"] != ada.secret


def test_the_older_authenticator_works_until_the_newer_one_is_confirmed(client, ada):
    credential = ada.enrol()
    newer = client.post("totp/replace/", credential=credential).json["secret"]

    by_older = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())
    by_newer = ada.answer_challenge(ada.challenge(), otp_code=code_of(newer, ada.clock.now() + 30))

    assert (by_older.status, by_newer.outcome) == (200, INVALID_CODE)


class TestConfirmedReplacement:
    @pytest.fixture
    def older_secret(self, client, ada):
        credential = ada.enrol()
        older = ada.secret
        ada.older_credential, ada.older_codes = credential, ada.backup_codes
        ada.older_challenge = ada.challenge()
        ada.secret = client.post("totp/replace/", credential=credential).json["secret"]
        ada.newer_credential = Bearer(ada.confirm(credential).json["access"])
        return older

    def test_the_older_authenticator_no_longer_works(self, client, ada, older_secret):
        ada.clock.advance(30)

        answer = ada.answer_challenge(
            ada.challenge(), otp_code=code_of(older_secret, ada.clock.now())
        )

        assert answer.outcome == INVALID_CODE

    def test_the_newer_one_does(self, client, ada, older_secret):
        answer = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

        assert answer.status == 200

    def test_older_backup_codes_no_longer_work(self, client, ada, older_secret):
        answer = ada.answer_challenge(ada.challenge(), backup_code=ada.older_codes[0])

        assert answer.outcome == INVALID_CODE

    def test_open_challenges_end(self, client, ada, older_secret):
        answer = ada.answer_challenge(ada.older_challenge, otp_code=ada.next_code())

        assert answer.outcome == INVALID_CHALLENGE

    def test_older_tokens_lose_their_standing(self, client, ada, older_secret):
        answer = client.post("totp/disable/", credential=ada.older_credential)

        assert answer.outcome == SECOND_FACTOR_REQUIRED

    def test_the_token_that_confirmed_has_it(self, client, ada, older_secret):
        answer = client.post("totp/disable/", credential=ada.newer_credential)

        assert answer.status == 204


def test_confirming_by_a_token_of_an_older_factor_verifies_nothing(client, ada):
    older = ada.enrol()
    spare = ada.add("Tablet", older)
    client.delete(f"totp/authenticators/{spare.id}/", older)
    secret = client.post("totp/replace/", credential=ada.log_in_with_code()).json["secret"]
    ada.clock.advance(30)

    body = {"input_code": code_of(secret, ada.clock.now())}
    confirmed = client.post("totp/confirm/", body, older)

    assert confirmed.status == 200
    assert set(confirmed.json) == {"backup_codes"}
