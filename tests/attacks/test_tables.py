"""Somebody who can write into the tables, a key that is gone, rows that contradict each other.

Nextcloud CVE-2018-16465, Better Auth issue 8627, Gogs CVE-2025-64175: what cannot be checked is
refused, never let in.
"""

import pytest
from cryptography.fernet import Fernet

from ninja_totp.models import Account, Authenticator, BackupCode, Challenge
from ninja_totp.services import verify_backup_code
from tests.contract.errors import INVALID_CHALLENGE, INVALID_CODE, NOT_ENABLED, NOT_ENROLLED
from tests.support.people import Person, code_of

UNAVAILABLE = (
    503,
    {"detail": "Codes cannot be checked right now. Try again later.", "code": "unavailable"},
)


def log_in(person, **proof):
    return person.answer_challenge(person.challenge(), **proof)


def account_of(person):
    return Account.objects.filter(pk=person.user.pk)


def confirmed_of(person):
    return Authenticator.objects.filter(account=person.user.pk, confirmed_at__isnull=False)


def pending_of(person):
    return Authenticator.objects.filter(account=person.user.pk, confirmed_at=None)


def columns_of(rows):
    return rows.values("secret", "key_id", "last_step", "expires_epoch", "failures").get()


def test_the_secret_of_somebody_else_opens_for_nobody(ada, mallory):
    confirmed_of(ada).update(**columns_of(confirmed_of(mallory)))

    assert log_in(ada, otp_code=mallory.code()).outcome == UNAVAILABLE
    assert log_in(ada, otp_code=ada.code()).outcome == UNAVAILABLE
    assert log_in(mallory, otp_code=mallory.code()).status == 200


def test_an_authenticator_that_is_given_to_somebody_else_is_nobodys(ada, mallory):
    """As a second one beside the owner's, whose secret opens: one that does not refuses all."""
    confirmed_of(mallory).update(account=ada.user.pk)

    assert log_in(ada, otp_code=mallory.code()).outcome == UNAVAILABLE
    assert log_in(ada, otp_code=ada.code()).outcome == UNAVAILABLE
    assert log_in(ada, backup_code=ada.backup_codes[0]).status == 200


def test_an_authenticator_in_the_place_of_anothers_is_nobodys(ada, mallory):
    confirmed_of(ada).delete()
    confirmed_of(mallory).update(account=ada.user.pk)

    assert log_in(ada, otp_code=mallory.code()).outcome == UNAVAILABLE


def test_an_owner_whose_authenticator_was_taken_away_is_let_in_by_no_code(ada, mallory):
    confirmed_of(mallory).update(account=ada.user.pk)

    answer = log_in(mallory, otp_code=mallory.code())

    assert answer.status == 400
    assert mallory.give_password().json["is_totp_enabled"] is True


def test_a_pending_secret_of_somebody_else_opens_for_nobody(client, ada, mallory):
    client.post("totp/replace/", credential=mallory.log_in_with_code())
    pending_of(mallory).update(account=ada.user.pk)
    credential = ada.log_in_with_code()

    confirmed = client.post("totp/confirm/", {"input_code": ada.code()}, credential)

    assert confirmed.outcome == UNAVAILABLE
    assert log_in(ada, otp_code=ada.next_code()).status == 200


def test_a_pending_secret_of_somebody_else_set_to_confirmed_opens_for_nobody(client, ada, mallory):
    secret = client.post("totp/replace/", credential=mallory.log_in_with_code()).json["secret"]
    pending_of(mallory).update(account=ada.user.pk, confirmed_at="2027-01-01T00:00Z")

    answer = log_in(ada, otp_code=code_of(secret, ada.clock.now()))

    assert answer.outcome == UNAVAILABLE


def test_a_pending_row_set_to_confirmed_switches_no_factor_on(client, ada):
    """The account says whether there is a factor; a row of its own says nothing."""
    grace = Person(client, ada.clock, "grace")
    credential = grace.log_in()
    grace.start(credential)
    pending_of(grace).update(confirmed_at="2027-01-01T00:00Z")

    assert grace.give_password().json["is_totp_enabled"] is False
    assert client.get("totp/status/", credential).json["is_totp_enabled"] is False
    assert client.post("totp/rotate_backup_codes/", credential=credential).outcome == NOT_ENROLLED


def test_a_replacement_set_to_confirmed_lets_nobody_in_without_a_phone(client, ada):
    credential = ada.log_in_with_code()
    client.post("totp/replace/", credential=credential)
    pending_of(ada).update(confirmed_at="2027-01-01T00:00Z")
    ada.clock.advance(86_400)

    assert log_in(ada, otp_code=ada.wrong_code()).outcome == INVALID_CODE
    assert log_in(ada, otp_code=ada.code()).status == 200


def test_a_challenge_from_before_rows_were_swapped_lets_nobody_in(ada, mallory):
    challenge = ada.challenge()
    confirmed_of(ada).update(**columns_of(confirmed_of(mallory)))

    assert ada.answer_challenge(challenge, otp_code=mallory.code()).outcome == UNAVAILABLE


def test_a_counter_of_an_enrolment_set_to_nothing_brings_the_same_secret_back(client, ada):
    """It is no lock of anybody's: who writes there has nothing that the owner's phone shows."""
    credential = ada.log_in_with_code()
    client.post("totp/replace/", credential=credential)
    wrong = {"input_code": ada.wrong_code()}
    statuses = [client.post("totp/confirm/", wrong, credential).status for _ in range(6)]
    pending_of(ada).update(failures=0)

    statuses += [client.post("totp/confirm/", wrong, credential).status for _ in range(6)]

    assert statuses == ([400] * 5 + [429]) * 2
    assert log_in(ada, otp_code=ada.next_code()).status == 200


def test_a_backup_code_that_is_given_to_somebody_else_is_nobodys(ada, mallory):
    BackupCode.objects.filter(user=mallory.user).update(user=ada.user)

    assert log_in(ada, backup_code=mallory.backup_codes[0]).outcome == INVALID_CODE
    assert log_in(mallory, backup_code=mallory.backup_codes[0]).outcome == INVALID_CODE
    assert log_in(ada, backup_code=ada.backup_codes[0]).status == 200


def test_a_challenge_that_is_given_to_somebody_else_is_nobodys(ada, mallory):
    challenge = mallory.challenge()
    Challenge.objects.update(user=ada.user)

    assert ada.answer_challenge(challenge, otp_code=ada.code()).outcome == INVALID_CHALLENGE
    assert mallory.answer_challenge(challenge, otp_code=ada.code()).outcome == INVALID_CHALLENGE


def test_a_fernet_token_of_the_project_is_no_seal(ada, settings):
    """A project encrypts other things with the same key; whoever fills those must gain nothing."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    text = f'{{"v":1,"u":"{ada.user.pk}","s":"{secret}"}}'
    token = Fernet(settings.TOTP_ENCRYPTION_KEY).encrypt(text.encode()).decode()
    confirmed_of(ada).update(secret=token)

    assert log_in(ada, otp_code=ada.code()).outcome == UNAVAILABLE


@pytest.mark.parametrize("sealed", ["", "AAAA", "gAAAAA==", "A" * 10_000])
def test_a_secret_that_is_none_lets_nobody_in(ada, sealed):
    confirmed_of(ada).update(secret=sealed)

    assert log_in(ada, otp_code=ada.code()).outcome == UNAVAILABLE
    assert Account.objects.get().failures == 0


def test_a_key_that_was_replaced_lets_nobody_in(client, ada, settings):
    credential = ada.log_in_with_code()
    settings.TOTP_ENCRYPTION_KEY = Fernet.generate_key().decode()
    code = ada.next_code()

    outcomes = [
        log_in(ada, otp_code=code).outcome,
        log_in(ada, otp_codes=[ada.code(steps=-1), code]).outcome,
        client.post("totp/verify/", {"otp_code": code}, credential).outcome,
        client.post("totp/disable/", {"input_code": code}, credential).outcome,
    ]

    assert outcomes == [UNAVAILABLE] * 4
    assert Account.objects.get().is_enabled


def test_without_a_key_nobody_gets_past_the_password(owner, settings):
    settings.TOTP_ENCRYPTION_KEY = ""

    with pytest.raises(Exception, match="TOTP_ENCRYPTION_KEY must be set"):
        owner.give_password()


def test_a_broken_secret_leaves_the_backup_codes_usable(ada):
    confirmed_of(ada).update(secret="AAAA")

    assert log_in(ada, backup_code=ada.backup_codes[0]).status == 200


def test_a_factor_without_a_secret_still_asks_for_one(ada):
    Authenticator.objects.filter(account=ada.user.pk).delete()

    assert ada.give_password().json["is_totp_enabled"] is True
    assert log_in(ada, otp_code=ada.code()).outcome == NOT_ENABLED
    assert log_in(ada, backup_code=ada.backup_codes[0]).outcome == NOT_ENABLED


def test_an_authenticator_that_is_confirmed_no_more_still_asks_for_one(ada):
    confirmed_of(ada).update(confirmed_at=None)

    assert ada.give_password().json["is_totp_enabled"] is True
    assert log_in(ada, otp_code=ada.code()).outcome == NOT_ENABLED


def test_a_secret_that_was_never_confirmed_asks_for_nothing(ada):
    account_of(ada).update(confirmed_at=None)

    assert ada.give_password().json["is_totp_enabled"] is False


def test_a_row_deleted_between_the_steps_ends_the_challenge(ada):
    challenge = ada.challenge()
    account_of(ada).delete()

    assert ada.answer_challenge(challenge, otp_code=ada.code()).outcome == INVALID_CHALLENGE


def test_counters_set_to_nothing_revive_no_code(ada):
    code = ada.code()
    log_in(ada, otp_code=code)
    account_of(ada).update(failures=0, budget_full_epoch=0, backup_failures=0)

    assert log_in(ada, otp_code=code).outcome == INVALID_CODE


def test_a_version_set_back_revives_no_code(ada):
    before = account_of(ada).values().get()
    code = ada.code()
    log_in(ada, otp_code=code)
    account_of(ada).update(**before)

    assert log_in(ada, otp_code=code).outcome == INVALID_CODE


def test_a_step_set_back_lets_nobody_in_without_the_phone(ada):
    """The last used code itself works again then: who can do this had better not see it."""
    log_in(ada, otp_code=ada.code())
    confirmed_of(ada).update(last_step=0)
    ada.clock.advance(3600)

    assert log_in(ada, otp_code=ada.code(steps=-120)).outcome == INVALID_CODE
    assert log_in(ada, otp_code=ada.wrong_code()).outcome == INVALID_CODE


def test_a_step_set_ahead_locks_out_and_lets_nobody_in(ada):
    confirmed_of(ada).update(last_step=2**40)

    assert log_in(ada, otp_code=ada.code()).outcome == INVALID_CODE
    assert log_in(ada, backup_code=ada.backup_codes[0]).status == 200


def test_a_reader_of_the_tables_finds_nothing_to_type(owner):
    """Every text of every row, as a code and as a backup code."""
    owner.challenge()
    tables = (Account, Authenticator, BackupCode, Challenge)
    rows = [table.objects.values() for table in tables]
    texts = {str(value) for found in rows for row in found for value in row.values()}

    redeemed = []
    for text in texts:
        account_of(owner).update(backup_failures=0, backup_budget_full_epoch=0)
        redeemed += [text] * verify_backup_code(owner.user, text)

    assert len(texts) > 40
    assert redeemed == []
