"""Several authenticators: list, add, rename, remove, and what they are worth."""

import uuid
from datetime import datetime

import pytest

from ninja_totp.models import Account
from tests.contract.errors import (
    ALREADY_ENABLED,
    INVALID_CHALLENGE,
    INVALID_CODE,
    LAST_AUTHENTICATOR,
    NO_SUCH_AUTHENTICATOR,
    NOT_ENROLLED,
    SECOND_FACTOR_REQUIRED,
    TOO_MANY_AUTHENTICATORS,
    locked,
)
from tests.support.credentials import Bearer
from tests.support.people import code_of

PATH = "totp/authenticators/"


def one(authenticator_id):
    return f"{PATH}{authenticator_id}/"


def listed(client, credential):
    return client.get(PATH, credential).json["authenticators"]


def names(client, credential):
    return [each["name"] for each in listed(client, credential)]


@pytest.fixture
def credential(ada):
    """A token of Ada's that proved her factor."""
    return ada.enrol()


@pytest.fixture
def by_password(ada, settings):
    """A function that logs Ada in by the password alone, on a device that she trusts."""

    def log_in():
        settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 86_400
        proof = {"otp_code": ada.next_code(), "trust_device": "laptop"}
        token = ada.answer_challenge(ada.challenge(), **proof).json["trusted_device_token"]
        return Bearer(ada.give_password(trusted_device_token=token).json["access"])

    return log_in


@pytest.fixture
def tablet(ada, credential):
    """Ada's second authenticator."""
    return ada.add("Tablet", credential)


class TestListing:
    def test_without_a_factor_there_is_none(self, client, ada):
        answer = client.get(PATH, ada.log_in())

        assert answer.outcome == (200, {"authenticators": [], "max": 3})

    def test_each_one_says_what_it_is_called_and_since_when(self, client, ada, credential, tablet):
        answer = client.get(PATH, credential)

        phone, second = answer.json["authenticators"]
        moments = {"created_at", "confirmed_at", "last_used_at"}
        assert set(phone) == set(second) == {"id", "type", "name", *moments}
        assert (phone["name"], second["name"]) == ("Authenticator app", "Tablet")
        assert (phone["type"], second["type"]) == ("totp", "totp")
        assert second["id"] == str(uuid.UUID(second["id"])) == tablet.id
        assert all(datetime.fromisoformat(second[moment]).tzinfo for moment in moments)
        assert client.get("totp/status/", credential).json["authenticators"] == 2

    def test_one_that_waits_for_its_confirmation_is_not_among_them(self, client, credential):
        client.post(PATH, {"name": "Tablet"}, credential)

        assert names(client, credential) == ["Authenticator app"]

    def test_nobody_sees_those_of_somebody_else(self, client, credential, grace):
        assert listed(client, grace.log_in()) == []

    def test_the_most_is_the_sites(self, client, ada, settings):
        settings.TOTP_MAX_AUTHENTICATORS = 5

        assert client.get(PATH, ada.log_in()).json["max"] == 5


class TestAdding:
    def test_it_answers_as_an_enrolment_does_with_an_id(self, client, ada, credential):
        answer = client.post(PATH, {"name": "Tablet"}, credential)

        shown = {"id", "svg", "uri", "secret", "secret_grouped", "expires_at"}
        assert (answer.status, set(answer.json)) == (201, shown)
        assert answer.json["secret"] != ada.secret

    def test_it_counts_for_nothing_before_it_is_confirmed(self, client, ada, credential):
        secret = client.post(PATH, {"name": "Tablet"}, credential).json["secret"]
        ada.clock.advance(30)

        code = code_of(secret, ada.clock.now())

        assert ada.answer_challenge(ada.challenge(), otp_code=code).outcome == INVALID_CODE

    def test_both_get_in_afterwards(self, ada, tablet):
        by_tablet = ada.answer_challenge(ada.challenge(), otp_code=tablet.next_code())
        by_phone = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())

        assert (by_tablet.status, by_phone.status) == (200, 200)

    def test_the_backup_codes_on_paper_stay_good(self, ada, tablet):
        assert tablet.confirmed.json["backup_codes"] == []
        assert ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0]).status == 200

    def test_what_was_proved_and_opened_before_stays(self, client, ada, settings):
        settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 86_400
        credential = ada.enrol()
        trusted = ada.answer_challenge(
            ada.challenge(), otp_code=ada.next_code(), trust_device="laptop"
        ).json["trusted_device_token"]
        challenge = ada.challenge()
        ada.add("Tablet", credential)

        assert client.post("totp/rotate_backup_codes/", credential=credential).status == 200
        assert ada.answer_challenge(challenge, otp_code=ada.next_code()).status == 200
        assert ada.give_password(trusted_device_token=trusted).json["is_totp_enabled"] is False

    def test_the_code_that_confirmed_it_is_used_up(self, ada, tablet):
        answer = ada.answer_challenge(ada.challenge(), otp_code=tablet.code())

        assert answer.outcome == INVALID_CODE

    def test_the_token_that_confirmed_it_proved_the_factor(self, client, tablet):
        credential = Bearer(tablet.confirmed.json["access"])

        assert client.post("totp/disable/", credential=credential).status == 204

    def test_a_proof_of_long_ago_is_not_enough(self, client, ada, credential):
        ada.clock.advance(901)

        assert client.post(PATH, {"name": "x"}, credential).outcome == SECOND_FACTOR_REQUIRED

    def test_a_password_alone_is_not_either(self, client, ada, credential, by_password):
        assert client.post(PATH, {"name": "x"}, by_password()).outcome == SECOND_FACTOR_REQUIRED
        assert client.get("totp/status/", credential).json["pending"] is False

    def test_a_credential_of_an_unknown_kind_cannot_either(self, client, ada, foreign_token):
        ada.enrol()

        answer = client.post(PATH, {"name": "Tablet"}, foreign_token(ada.user))

        assert answer.outcome == SECOND_FACTOR_REQUIRED

    @pytest.mark.parametrize("kind", ["input_code", "backup_code"])
    def test_with_a_proof_in_the_body_it_can(self, client, ada, foreign_token, kind):
        ada.enrol()
        proofs = {"input_code": ada.next_code(), "backup_code": ada.backup_codes[0]}

        body = {"name": "Tablet", kind: proofs[kind]}

        assert client.post(PATH, body, foreign_token(ada.user)).status == 201

    def test_a_wrong_code_is_refused_and_counted(self, client, ada, credential):
        body = {"name": "Tablet", "input_code": ada.wrong_code()}

        answers = [client.post(PATH, body, credential).outcome for _ in range(6)]

        assert answers == [INVALID_CODE] * 5 + [locked(30)]

    def test_without_a_factor_there_is_nothing_to_add_to(self, client, ada):
        assert client.post(PATH, {"name": "Tablet"}, ada.log_in()).outcome == NOT_ENROLLED

    def test_there_are_no_more_than_the_site_allows(self, client, ada, credential, tablet):
        ada.add("Spare", credential)

        answer = client.post(PATH, {"name": "One too many"}, credential)

        assert answer.outcome == TOO_MANY_AUTHENTICATORS
        assert names(client, credential) == ["Authenticator app", "Tablet", "Spare"]

    def test_the_one_that_was_begun_last_is_confirmed(self, client, ada, credential):
        older = client.post(PATH, {"name": "Older"}, credential).json["secret"]
        ada.add("Newer", credential)
        ada.clock.advance(30)

        body = {"input_code": code_of(older, ada.clock.now())}

        assert client.post("totp/confirm/", body, credential).status == 400
        assert names(client, credential) == ["Authenticator app", "Newer"]

    def test_enrolling_is_still_refused(self, client, credential, tablet):
        assert client.post("totp/create/", credential=credential).outcome == ALREADY_ENABLED

    @pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\0b", None, ["x"]])
    def test_a_name_is_one_to_sixty_four_characters(self, client, credential, name):
        answer = client.post(PATH, {"name": name}, credential)

        assert answer.status == client.invalid_status

    def test_without_a_name_none_is_added(self, client, credential):
        assert client.post(PATH, {}, credential).outcome == client.missing("name")

    def test_a_name_is_on_one_line_without_spaces_around_it(self, client, ada, credential):
        ada.add("  my \n\t tablet ", credential)

        assert names(client, credential)[1] == "my tablet"


class TestRenaming:
    def test_it_is_called_by_the_new_name(self, client, credential, tablet):
        answer = client.patch(one(tablet.id), {"name": " Old  tablet "}, credential)

        phone, old_tablet = listed(client, credential)
        assert (answer.status, answer.json["name"]) == (200, "Old tablet")
        assert answer.json == old_tablet
        assert phone["name"] == "Authenticator app"

    def test_it_does_not_matter_how_long_ago_the_factor_was_proved(self, client, ada, tablet):
        credential = ada.log_in_with_code()
        ada.clock.advance(3000)

        assert client.patch(one(tablet.id), {"name": "Old"}, credential).status == 200

    def test_nothing_ends_by_it(self, client, ada, credential, tablet):
        challenge = ada.challenge()
        client.patch(one(tablet.id), {"name": "Old"}, credential)

        assert ada.answer_challenge(challenge, otp_code=tablet.next_code()).status == 200

    def test_a_password_alone_cannot_exchange_the_names(self, client, tablet, by_password):
        thief = by_password()

        answer = client.patch(one(tablet.id), {"name": "Phone"}, thief)

        assert answer.outcome == SECOND_FACTOR_REQUIRED
        assert names(client, thief)[1] == "Tablet"

    def test_that_of_somebody_else_is_not_found(self, client, credential, tablet, grace):
        answer = client.patch(one(tablet.id), {"name": "Mine"}, grace.enrol())

        assert answer.outcome == NO_SUCH_AUTHENTICATOR
        assert names(client, credential)[1] == "Tablet"

    @pytest.mark.parametrize("wrong", [str(uuid.UUID(int=1)), "1", "x", "%00", "a" * 300])
    def test_what_is_not_there_is_not_found(self, client, credential, wrong):
        answer = client.patch(one(wrong), {"name": "Mine"}, credential)

        assert answer.outcome == NO_SUCH_AUTHENTICATOR

    @pytest.mark.parametrize("name", ["", "x" * 65])
    def test_a_name_is_one_to_sixty_four_characters(self, client, credential, tablet, name):
        answer = client.patch(one(tablet.id), {"name": name}, credential)

        assert answer.status == client.invalid_status


class TestRemoving:
    def test_its_codes_get_nobody_in_any_more(self, client, ada, credential, tablet):
        answer = client.delete(one(tablet.id), credential)

        by_tablet = ada.answer_challenge(ada.challenge(), otp_code=tablet.next_code())
        by_phone = ada.answer_challenge(ada.challenge(), otp_code=ada.next_code())
        assert answer.outcome == (204, None)
        assert (by_tablet.outcome, by_phone.status) == (INVALID_CODE, 200)
        assert names(client, credential) == ["Authenticator app"]

    def test_the_oldest_can_go_as_well(self, client, ada, credential, tablet):
        phone, _ = listed(client, credential)

        assert client.delete(one(phone["id"]), credential).status == 204
        assert ada.answer_challenge(ada.challenge(), otp_code=tablet.next_code()).status == 200

    def test_the_last_one_stays(self, client, ada, credential):
        (phone,) = listed(client, credential)

        assert client.delete(one(phone["id"]), credential).outcome == LAST_AUTHENTICATOR
        assert ada.answer_challenge(ada.challenge(), otp_code=ada.next_code()).status == 200

    def test_one_that_is_not_confirmed_replaces_none(self, client, credential):
        (phone,) = listed(client, credential)
        client.post(PATH, {"name": "Tablet"}, credential)

        assert client.delete(one(phone["id"]), credential).outcome == LAST_AUTHENTICATOR

    def test_what_a_lost_one_has_proved_or_begun_ends(self, client, ada, settings):
        settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 86_400
        credential = ada.enrol()
        tablet = ada.add("Tablet", credential)
        login = ada.answer_challenge(
            ada.challenge(), otp_code=tablet.next_code(), trust_device="laptop"
        )
        thief, trusted = Bearer(login.json["access"]), login.json["trusted_device_token"]
        challenge = ada.challenge()
        begun = client.post(PATH, {"name": "The thief's"}, thief).json["secret"]
        client.delete(one(tablet.id), ada.log_in_with_code())

        body = {"input_code": code_of(begun, ada.clock.now())}
        assert client.post("totp/confirm/", body, thief).json["code"] == "already_enabled"
        assert client.post("totp/disable/", credential=thief).outcome == SECOND_FACTOR_REQUIRED
        assert ada.answer_challenge(challenge, otp_code=ada.code()).outcome == INVALID_CHALLENGE
        assert ada.give_password(trusted_device_token=trusted).json["is_totp_enabled"] is True

    def test_the_credential_that_removed_it_proves_the_factor_again(self, client, ada, tablet):
        credential = ada.log_in_with_code()
        client.delete(one(tablet.id), credential)

        refused = client.post("totp/disable/", credential=credential)
        verified = client.post("totp/verify/", {"otp_code": ada.next_code()}, credential)

        assert (refused.outcome, verified.status) == (SECOND_FACTOR_REQUIRED, 200)

    def test_the_backup_codes_stay(self, client, ada, credential, tablet):
        client.delete(one(tablet.id), credential)

        answer = ada.answer_challenge(ada.challenge(), backup_code=ada.backup_codes[0])

        assert answer.status == 200

    def test_a_stale_credential_cannot(self, client, ada, credential, tablet):
        ada.clock.advance(901)

        answer = client.delete(one(tablet.id), credential)

        assert answer.outcome == SECOND_FACTOR_REQUIRED
        assert names(client, credential)[1] == "Tablet"

    def test_with_a_proof_in_the_body_it_can(self, client, ada, tablet, foreign_token):
        body, token = {"input_code": ada.next_code()}, foreign_token(ada.user)

        answer = client.delete(one(tablet.id), token, body)

        assert answer.outcome == (204, None)
        assert names(client, token) == ["Authenticator app"]

    def test_a_wrong_code_is_refused_whatever_the_standing(self, client, ada, credential, tablet):
        answer = client.delete(one(tablet.id), credential, {"input_code": ada.wrong_code()})

        assert answer.outcome == INVALID_CODE

    def test_that_of_somebody_else_is_not_found(self, client, credential, tablet, grace):
        thief = grace.enrol()
        grace.add("Spare", thief)

        assert client.delete(one(tablet.id), thief).outcome == NO_SUCH_AUTHENTICATOR
        assert names(client, credential)[1] == "Tablet"

    @pytest.mark.parametrize("wrong", [str(uuid.UUID(int=1)), "1", "x", "%00", "a" * 300])
    def test_what_is_not_there_is_not_found(self, client, credential, wrong):
        assert client.delete(one(wrong), credential).outcome == NO_SUCH_AUTHENTICATOR


class TestVerifying:
    def test_each_uses_up_its_own_codes(self, ada, tablet):
        tablet.clock.advance(30)

        by_phone = ada.answer_challenge(ada.challenge(), otp_code=ada.code())
        by_tablet = ada.answer_challenge(ada.challenge(), otp_code=tablet.code())
        again = ada.answer_challenge(ada.challenge(), otp_code=tablet.code())

        assert (by_phone.status, by_tablet.status, again.outcome) == (200, 200, INVALID_CODE)

    def test_two_consecutive_codes_are_of_one(self, ada, tablet):
        ada.fail(5)
        tablet.clock.advance(90)
        mixed = [[ada.code(steps=-1), tablet.code()], [tablet.code(steps=-1), ada.code()]]

        answers = [ada.answer_challenge(ada.challenge(), otp_codes=pair) for pair in mixed]
        right = ada.answer_challenge(
            ada.challenge(), otp_codes=[tablet.code(steps=-1), tablet.code()]
        )

        assert [answer.outcome for answer in answers] == [INVALID_CODE] * 2
        assert right.status == 200

    def test_a_failure_costs_the_budget_once_for_each_and_the_burst_once(self, ada, tablet):
        whole = ada.clock.now()

        ada.fail(5)

        account = Account.objects.get(user=ada.user)
        assert (account.budget_full_epoch - whole, account.failures) == (10 * 86_400, 5)

    def test_a_failure_of_backup_codes_costs_one(self, ada, tablet):
        whole = ada.clock.now()

        ada.answer_challenge(ada.challenge(), backup_code="0000-" * 5 + "0000")

        account = Account.objects.get(user=ada.user)
        assert account.backup_budget_full_epoch - whole == 86_400

    def test_a_success_gives_back_what_the_failures_of_its_login_cost(self, ada, tablet):
        ada.fail(1)
        before = Account.objects.get(user=ada.user).budget_full_epoch
        challenge = ada.challenge()
        for _ in range(3):
            ada.answer_challenge(challenge, otp_code=ada.wrong_code())
        charged = Account.objects.get(user=ada.user).budget_full_epoch

        ada.answer_challenge(challenge, otp_code=ada.next_code())

        after = Account.objects.get(user=ada.user).budget_full_epoch
        assert (charged - before, after - before) == (3 * 2 * 86_400, 0)

    def test_what_was_charged_for_one_is_given_back_as_one(self, ada, credential):
        challenge = ada.challenge()
        whole = ada.clock.now()
        ada.fail(2)
        ada.answer_challenge(challenge, otp_code=ada.wrong_code())
        tablet = ada.add("Tablet", credential)

        ada.answer_challenge(challenge, otp_code=tablet.next_code())

        left = Account.objects.get(user=ada.user).budget_full_epoch - whole
        assert left == 2 * 86_400


class TestReplacing:
    def test_the_new_one_takes_the_place_of_all(self, client, ada, credential, tablet):
        older = ada.secret
        ada.secret = client.post("totp/replace/", credential=credential).json["secret"]
        before = ada.answer_challenge(ada.challenge(), otp_code=tablet.next_code())
        answer = ada.confirm(credential)
        ada.clock.advance(30)

        by_older = ada.answer_challenge(ada.challenge(), otp_code=code_of(older, ada.clock.now()))
        by_tablet = ada.answer_challenge(ada.challenge(), otp_code=tablet.code())

        assert before.status == 200
        assert (by_older.outcome, by_tablet.outcome) == (INVALID_CODE, INVALID_CODE)
        assert ada.answer_challenge(ada.challenge(), otp_code=ada.code()).status == 200
        assert len(answer.json["backup_codes"]) == 10
        assert names(client, credential) == ["Authenticator app"]

    def test_disabling_removes_all(self, client, ada, credential, tablet):
        client.post("totp/disable/", credential=credential)

        assert listed(client, credential) == []
        assert ada.give_password().json["is_totp_enabled"] is False


def test_what_happens_to_authenticators_is_in_the_history(client, ada, credential, tablet):
    client.patch(one(tablet.id), {"name": "Old tablet"}, credential)
    client.delete(one(tablet.id), credential)

    events = client.get("totp/events/", credential).json["events"]

    assert [(each["type"], each["factor"], each["name"]) for each in events] == [
        ("authenticator_removed", "totp", "Old tablet"),
        ("authenticator_renamed", "totp", "Old tablet"),
        ("authenticator_added", "totp", "Tablet"),
        ("enabled", "totp", "Authenticator app"),
    ]


@pytest.mark.parametrize("path", ["totp/replace/", "totp/authenticators/"])
def test_a_proof_of_a_former_factor_earns_nothing_by_confirming_the_next(client, ada, path):
    former = ada.enrol()
    ada.secret = client.post("totp/replace/", credential=former).json["secret"]
    present = Bearer(ada.confirm(former).json["access"])
    secret = client.post(path, {"name": "Tablet"}, present).json["secret"]
    ada.clock.advance(30)

    body = {"input_code": code_of(secret, ada.clock.now())}
    answer = client.post("totp/confirm/", body, former)

    assert answer.status == 200
    assert answer.json.keys() == {"backup_codes"}
