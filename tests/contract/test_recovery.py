"""Recovering by e-mail and password: what whoever asks is told, and what a link is good for."""

import re

import pytest
from django.contrib.auth import user_login_failed
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.cache import cache

from ninja_totp.models import Challenge
from ninja_totp.services.recovery.links import encode_uid
from tests.contract.errors import INVALID_CHALLENGE, INVALID_CODE, invalid_recovery
from tests.support.people import NEW_PASSWORD, PASSWORD

ADDRESS = "ada@example.org"
ASKED = {
    "details": "If an account with that email exists and has TOTP enabled, "
    "a recovery email has been sent."
}
INVALID_LINK = invalid_recovery("The recovery link is invalid or has expired.")
WRONG_PASSWORD = invalid_recovery("The provided credentials is invalid.", code="invalid_password")
LINK = re.compile("http://localhost:3000/totp-recovery/([^/]+)/([0-9a-f]{48})\n")


@pytest.fixture
def ada(ada):
    """Ada, who has a second factor and an address."""
    ada.user.email = ADDRESS
    ada.user.save()
    ada.enrol()
    return ada


def _ask(client, address=ADDRESS):
    return client.post("totp/recovery/", {"email": address})


def _link(client):
    """Ask, and return the two parts of the link in the mail that came."""
    _ask(client)
    uid, token = LINK.search(mail.outbox[-1].body).groups()
    return {"uid": uid, "token": token}


def _confirm(client, link, password=PASSWORD, **new):
    body = link | {"password": password, "new_password": NEW_PASSWORD} | new
    return client.post("totp/recovery_confirm/", body)


class TestAsking:
    @pytest.mark.parametrize("address", [ADDRESS, "nobody@example.org", "ADA@example.org"])
    def test_everybody_is_told_the_same(self, client, ada, address):
        assert _ask(client, address).outcome == (200, ASKED)

    def test_the_owner_is_mailed_a_link(self, client, ada):
        _ask(client)

        assert [message.to for message in mail.outbox] == [[ADDRESS]]
        assert LINK.search(mail.outbox[0].body)

    def test_the_case_of_an_address_does_not_matter(self, client, ada):
        _ask(client, "Ada@Example.org")

        assert [message.to for message in mail.outbox] == [[ADDRESS]]

    def test_nobody_is_mailed_for_an_unknown_address(self, client, ada):
        _ask(client, "nobody@example.org")

        assert mail.outbox == []

    def test_nobody_is_mailed_who_has_no_factor(self, client, grace):
        grace.user.email = "grace@example.org"
        grace.user.save()

        answer = _ask(client, "grace@example.org")

        assert answer.outcome == (200, ASKED)
        assert mail.outbox == []

    def test_nobody_is_mailed_whose_account_is_inactive(self, client, ada):
        ada.user.is_active = False
        ada.user.save()

        assert _ask(client).outcome == (200, ASKED)
        assert mail.outbox == []

    def test_an_account_is_mailed_once_in_a_cool_down(self, client, ada):
        for _ in range(3):
            _ask(client)

        assert len(mail.outbox) == 1

    def test_it_is_mailed_again_afterwards(self, client, ada):
        _ask(client)
        ada.clock.advance(300)
        _ask(client)

        assert len(mail.outbox) == 2

    def test_the_cool_down_outlives_a_used_up_link(self, client, ada):
        link = _link(client)
        for _ in range(5):
            _confirm(client, link, "wrong")
        _ask(client)

        assert len(mail.outbox) == 1

    def test_an_address_is_required(self, client, db):
        assert client.post("totp/recovery/", {}).outcome == client.missing("email")

    @pytest.mark.parametrize("address", ["", "ada", "ada@", "a" * 400 + "@example.org"])
    def test_it_has_to_be_one(self, client, db, address):
        assert _ask(client, address).status == client.invalid_status


class TestConfirming:
    def test_link_and_password_remove_the_factor(self, client, ada):
        answer = _confirm(client, _link(client))

        assert answer.outcome == (204, None)
        ada.password = NEW_PASSWORD
        assert ada.give_password().json["is_totp_enabled"] is False

    def test_it_logs_nobody_in(self, client, ada):
        answer = _confirm(client, _link(client))

        assert answer.content == b""
        assert "Set-Cookie" not in answer.headers

    def test_a_notice_is_mailed(self, client, ada):
        _confirm(client, _link(client))

        assert mail.outbox[-1].to == [ADDRESS]
        assert "is off" in mail.outbox[-1].subject

    def test_backup_codes_are_gone(self, client, ada):
        code = ada.backup_codes[0]
        _confirm(client, _link(client))
        ada.password = NEW_PASSWORD
        ada.enrol()

        assert ada.answer_challenge(ada.challenge(), backup_code=code).outcome == INVALID_CODE

    def test_open_challenges_end(self, client, ada):
        challenge = ada.challenge()
        _confirm(client, _link(client))

        answer = ada.answer_challenge(challenge, otp_code=ada.next_code())

        assert answer.outcome == INVALID_CHALLENGE

    def test_the_standing_of_tokens_ends(self, client, ada):
        credential = ada.log_in_with_code()
        _confirm(client, _link(client))
        ada.password = NEW_PASSWORD
        ada.enrol()

        answer = client.post("totp/disable/", credential=credential)

        assert answer.json["code"] == "not_authenticated"

    def test_the_new_password_works_and_the_old_one_does_not(self, client, ada):
        _confirm(client, _link(client))

        assert ada.give_password().status == 401
        assert ada.give_password(password=NEW_PASSWORD).status == 200

    def test_a_wrong_password_removes_nothing(self, client, ada):
        answer = _confirm(client, _link(client), "wrong")

        assert answer.outcome == WRONG_PASSWORD
        assert ada.give_password().json["is_totp_enabled"] is True

    def test_a_right_one_is_accepted_after_a_wrong_one(self, client, ada):
        link = _link(client)
        _confirm(client, link, "wrong")

        assert _confirm(client, link).status == 204

    def test_a_link_works_once(self, client, ada):
        link = _link(client)
        _confirm(client, link)

        assert _confirm(client, link).outcome == INVALID_LINK

    def test_a_link_takes_five_passwords(self, client, ada):
        link = _link(client)
        for _ in range(5):
            _confirm(client, link, "wrong")

        assert _confirm(client, link).outcome == INVALID_LINK

    def test_asking_again_ends_no_link(self, client, ada):
        older = _link(client)
        ada.clock.advance(300)
        newer = _link(client)

        assert newer != older
        assert _confirm(client, older).status == 204

    def test_a_recovery_ends_the_other_links(self, client, ada):
        older = _link(client)
        ada.clock.advance(300)
        _confirm(client, _link(client))

        assert _confirm(client, older).outcome == INVALID_LINK

    def test_who_counts_failed_logins_hears_of_a_wrong_password(self, client, ada):
        heard = []
        link = _link(client)
        user_login_failed.connect(lambda **what: heard.append(what), weak=False, dispatch_uid="x")
        _confirm(client, link, "wrong horse")
        _confirm(client, link | {"token": "0" * 48}, "wrong horse")
        user_login_failed.disconnect(dispatch_uid="x")

        (what,) = heard
        assert what["credentials"] == {"username": "ada"}
        assert what["request"].path.endswith("/totp/recovery_confirm/")

    def test_a_link_lives_an_hour(self, client, ada):
        link = _link(client)
        ada.clock.advance(3600)

        assert _confirm(client, link).outcome == INVALID_LINK

    def test_a_new_password_ends_a_link(self, client, ada):
        link = _link(client)
        ada.user.set_password("another")
        ada.user.save()

        assert _confirm(client, link, "another").outcome == INVALID_LINK

    def test_a_new_address_ends_a_link(self, client, ada):
        link = _link(client)
        ada.user.email = "lovelace@example.org"
        ada.user.save()

        assert _confirm(client, link).outcome == INVALID_LINK

    def test_a_changed_factor_ends_a_link(self, client, ada):
        link = _link(client)
        client.post("totp/disable/", credential=ada.log_in_with_code())
        ada.enrol()

        assert _confirm(client, link).outcome == INVALID_LINK

    def test_an_inactive_account_recovers_nothing(self, client, ada):
        link = _link(client)
        ada.user.is_active = False
        ada.user.save()

        assert _confirm(client, link).outcome == INVALID_LINK

    def test_somebody_elses_link_is_no_good(self, client, ada, grace):
        link = _link(client)
        grace.enrol()

        answer = _confirm(client, link | {"uid": encode_uid(grace.user.pk)})

        assert answer.outcome == INVALID_LINK

    @pytest.mark.parametrize("uid", ["", "x", "!", "é", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "eA"])
    def test_a_made_up_user_is_refused(self, client, ada, uid):
        answer = _confirm(client, _link(client) | {"uid": uid})

        assert answer.status in (400, client.invalid_status)

    def test_a_password_reset_token_is_no_link(self, client, ada):
        uid, token = encode_uid(ada.user.pk), default_token_generator.make_token(ada.user)

        assert _confirm(client, {"uid": uid, "token": token}).outcome == INVALID_LINK

    def test_a_link_is_no_password_reset_token(self, client, ada):
        assert not default_token_generator.check_token(ada.user, _link(client)["token"])

    def test_a_challenge_is_no_link(self, client, ada):
        challenge = ada.challenge()
        uid = encode_uid(ada.user.pk)

        for token in (challenge, challenge.partition(":")[0]):
            assert _confirm(client, {"uid": uid, "token": token}).outcome == INVALID_LINK

    def test_a_link_is_no_challenge(self, client, ada):
        token = _link(client)["token"]

        answer = ada.answer_challenge(token, otp_code=ada.next_code())

        assert answer.outcome == INVALID_CHALLENGE

    @pytest.mark.parametrize("name", ["uid", "token", "password"])
    def test_each_part_is_required(self, client, ada, name):
        body = _link(client) | {"password": PASSWORD, "new_password": NEW_PASSWORD}
        del body[name]

        assert client.post("totp/recovery_confirm/", body).outcome == client.missing(name)


class TestTheNewPassword:
    """Without one, whoever knew the old one could set up the next factor (SECURITY, N4)."""

    @pytest.fixture(autouse=True)
    def _validators(self, settings):
        settings.AUTH_PASSWORD_VALIDATORS = [
            {"NAME": f"django.contrib.auth.password_validation.{name}"}
            for name in ("MinimumLengthValidator", "UserAttributeSimilarityValidator")
        ]

    @pytest.mark.parametrize("new_password", [None, "short", ADDRESS, PASSWORD])
    def test_one_that_is_missing_or_no_good_removes_nothing(self, client, ada, new_password):
        answer = _confirm(client, _link(client), new_password=new_password)

        assert answer.status == 400
        assert list(answer.json.get("fields", answer.json)) == ["new_password"]
        assert ada.give_password().json["is_totp_enabled"] is True

    def test_a_request_without_one_is_told_so(self, client, ada):
        body = _link(client) | {"password": PASSWORD}

        answer = client.post("totp/recovery_confirm/", body)

        said = answer.json.get("fields", answer.json)
        assert (answer.status, said) == (400, {"new_password": ["This field is required."]})

    def test_one_that_a_validator_refuses_costs_no_attempt(self, client, ada):
        link = _link(client)
        for _ in range(5):
            _confirm(client, link, new_password="short")

        assert _confirm(client, link).status == 204

    def test_a_site_with_old_clients_can_do_without(self, client, ada, settings):
        settings.TOTP_RECOVERY_NEW_PASSWORD = False

        assert _confirm(client, _link(client), new_password=None).status == 204
        assert ada.give_password().status == 200

    def test_it_is_set_there_as_well_when_it_comes(self, client, ada, settings):
        settings.TOTP_RECOVERY_NEW_PASSWORD = False
        _confirm(client, _link(client))

        assert ada.give_password().status == 401


class TestWaiting:
    @pytest.fixture(autouse=True)
    def _a_day(self, settings):
        settings.TOTP_RECOVERY_DELAY = 86_400

    def test_a_link_does_not_work_at_once(self, client, ada):
        answer = _confirm(client, _link(client))

        assert answer.outcome == invalid_recovery(
            "The recovery link does not work yet. Try again in 24 hours.",
            code="recovery_not_yet",
            retry_after=86_400,
        )

    def test_a_wrong_password_is_not_looked_at(self, client, ada):
        assert _confirm(client, _link(client), "wrong").json["code"] == "recovery_not_yet"

    def test_it_works_afterwards_for_an_hour(self, client, ada):
        link = _link(client)
        ada.clock.advance(86_400 + 3599)

        assert _confirm(client, link).status == 204

    def test_it_ends_then(self, client, ada):
        link = _link(client)
        ada.clock.advance(86_400 + 3600)

        assert _confirm(client, link).outcome == INVALID_LINK

    @pytest.mark.parametrize("moments", [range(300, 86_400, 3600), [86_400], [86_400 + 1800]])
    def test_asking_again_does_not_make_the_waiting_longer(self, client, ada, moments):
        link, start = _link(client), ada.clock.now()
        for moment in moments:
            ada.clock.advance(start + moment - ada.clock.now())
            _ask(client)
        ada.clock.advance(start + 86_400 + 3599 - ada.clock.now())

        assert len(mail.outbox) > 1
        assert _confirm(client, link).status == 204

    def test_the_mail_says_how_to_cancel(self, client, ada):
        link = _link(client)

        path = "http://localhost:3000/totp-recovery-cancel/{uid}/{token}".format(**link)
        assert path in mail.outbox[-1].body

    def test_a_cancelled_link_does_not_work(self, client, ada):
        link = _link(client)
        cancelled = client.post("totp/recovery_cancel/", link)
        ada.clock.advance(86_400)

        assert cancelled.outcome == (204, None)
        assert _confirm(client, link).outcome == INVALID_LINK


def test_cancelling_ends_every_link(client, ada):
    older = _link(client)
    ada.clock.advance(300)
    client.post("totp/recovery_cancel/", _link(client))

    assert _confirm(client, older).outcome == INVALID_LINK


def test_cancelling_leaves_the_links_of_others(client, ada, grace):
    grace.user.email = "grace@example.org"
    grace.user.save()
    grace.enrol()
    hers = _link(client)
    _ask(client, "grace@example.org")
    uid, token = LINK.search(mail.outbox[-1].body).groups()

    assert client.post("totp/recovery_cancel/", hers).status == 204

    assert _confirm(client, {"uid": uid, "token": token}).status == 204
    assert _confirm(client, hers).outcome == INVALID_LINK


def test_a_link_of_an_inactive_account_is_none(client, ada):
    link = _link(client)
    ada.user.is_active = False
    ada.user.save()

    assert _confirm(client, link, "a guess").outcome == INVALID_LINK
    assert client.post("totp/recovery_cancel/", link).outcome == INVALID_LINK
    assert Challenge.objects.get(purpose="recovery").attempts == 0


def test_a_link_can_be_cancelled_without_waiting_as_well(client, ada):
    link = _link(client)
    client.post("totp/recovery_cancel/", link)

    assert _confirm(client, link).outcome == INVALID_LINK


def test_what_is_no_link_cannot_be_cancelled(client, ada):
    link = _link(client) | {"token": "0" * 48}

    assert client.post("totp/recovery_cancel/", link).outcome == INVALID_LINK


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("totp/recovery/", {"email": ADDRESS}),
        ("totp/recovery_confirm/", {"uid": "MQ", "token": "0" * 48, "password": PASSWORD}),
        ("totp/recovery_cancel/", {"uid": "MQ", "token": "0" * 48}),
    ],
)
def test_a_site_can_do_without(client, ada, settings, path, body):
    settings.TOTP_RECOVERY_ENABLED = False

    answer = client.post(path, body)

    assert answer.outcome == (
        404,
        {"detail": "Recovery by email is turned off.", "code": "recovery_disabled"},
    )
    assert mail.outbox == []


def test_recovery_gives_no_new_guesses_of_passwords(client, ada, settings):
    settings.TOTP_THROTTLE_RATE = "2/minute"
    cache.clear()
    link = _link(client)
    _confirm(client, link, "wrong")
    _confirm(client, link, "wrong")

    assert _confirm(client, link).status == 429
