"""What is looked at again once the password was: hashing it takes long, and much can happen."""

import pytest
from django.contrib.auth import user_login_failed
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ninja_totp import signals
from ninja_totp.core.errors import InvalidNewPassword, InvalidRecovery, InvalidRecoveryPassword
from ninja_totp.models import Account, Challenge
from ninja_totp.services import (
    cancel_recovery,
    confirm_recovery,
    disable_totp,
    generate_recovery_link,
    is_totp_enabled,
)
from ninja_totp.services.recovery.links import open_link, use_up
from ninja_totp.transactions import ConcurrentUpdate
from tests.support.cast import NEW_PASSWORD, PASSWORD, enrolled


@pytest.fixture
def meanwhile(ada, monkeypatch):
    """A function: what it is given happens while the password of a recovery is looked at."""
    check = type(ada).check_password

    def happens(change, *, times=1):
        left = [change] * times

        def slowly(user, password):
            is_right = check(user, password)
            if left:
                left.pop()()
            return is_right

        monkeypatch.setattr(type(ada), "check_password", slowly)

    return happens


@pytest.fixture
def row(ada):
    """The row of Ada in the table of users, to be changed by somebody else."""
    return type(ada).objects.filter(pk=ada.pk)


class ShortSightedHasher(MD5PasswordHasher):
    """Sees so many characters of a password, as bcrypt sees 72 bytes."""

    def encode(self, password, salt):
        return super().encode(password[:8], salt)


def test_a_new_password_that_the_hasher_takes_for_the_old_one_is_refused(ada, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.ShortSightedHasher"]
    ada.set_password(PASSWORD)
    ada.save()
    link = generate_recovery_link(ada)

    with pytest.raises(InvalidNewPassword):
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=PASSWORD[:8] + NEW_PASSWORD)


def _refused(ada):
    link = generate_recovery_link(ada)
    with pytest.raises(InvalidRecovery):
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)
    return Account.objects.get(pk=ada.pk).is_enabled


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"email": "lovelace@example.org"},
        {"password": make_password("another")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_account_that_changed_meanwhile_keeps_its_factor(ada, meanwhile, row, change):
    meanwhile(lambda: row.update(**change))

    assert _refused(ada)


def test_a_factor_that_was_replaced_meanwhile_stays(ada, clock, meanwhile):
    def replace():
        disable_totp(ada)
        clock.advance(30)
        enrolled(ada, clock)

    meanwhile(replace)

    assert _refused(ada)


def test_a_link_that_was_cancelled_meanwhile_does_nothing(ada, meanwhile):
    link = generate_recovery_link(ada)
    meanwhile(lambda: cancel_recovery(link.uid, link.token))

    with pytest.raises(InvalidRecovery):
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)
    assert is_totp_enabled(ada)


def test_an_account_that_was_deleted_meanwhile_is_none(ada, meanwhile, row):
    link = generate_recovery_link(ada)
    meanwhile(row.delete)

    with pytest.raises(InvalidRecovery):
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)


def test_a_hash_that_a_login_brought_up_to_date_meanwhile_is_the_same_password(ada, meanwhile, row):
    link = generate_recovery_link(ada)
    meanwhile(lambda: row.update(password=make_password(PASSWORD)))

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    ada.refresh_from_db()
    assert not is_totp_enabled(ada)
    assert ada.check_password(NEW_PASSWORD)


def test_sessions_end_after_that_as_well(ada, meanwhile, row):
    upgraded = make_password(PASSWORD)
    link = generate_recovery_link(ada)
    meanwhile(lambda: row.update(password=upgraded))

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert row.get().password != upgraded


def test_a_hash_that_never_rests_is_refused(ada, meanwhile, row):
    meanwhile(lambda: row.update(password=make_password(PASSWORD)), times=3)

    assert _refused(ada)


class TestAWrongPassword:
    @pytest.fixture
    def heard(self):
        """What is sent from now on."""
        sent = []

        def hear(signal, **carried):
            sent.append((signal, carried))

        listened = [user_login_failed, signals.totp_recovery_failed]
        for signal in listened:
            signal.connect(hear)
        yield sent
        for signal in listened:
            signal.disconnect(hear)

    def test_who_counts_failed_logins_hears_of_it(self, ada, heard):
        link = generate_recovery_link(ada)
        with pytest.raises(InvalidRecoveryPassword):
            confirm_recovery(link.uid, link.token, "wrong", new_password=NEW_PASSWORD)

        (first, failed), (second, ours) = heard
        assert (first, second) == (user_login_failed, signals.totp_recovery_failed)
        assert failed["credentials"] == {"username": "ada"}
        assert (ours["user"], ours["request"]) == (ada, None)

    def test_nobody_hears_the_password_or_the_token(self, ada, heard):
        link = generate_recovery_link(ada)
        with pytest.raises(InvalidRecoveryPassword):
            confirm_recovery(link.uid, link.token, "wrong horse", new_password=NEW_PASSWORD)

        assert "wrong horse" not in repr(heard)
        assert link.token not in repr(heard)

    def test_a_right_one_is_no_failure(self, ada, heard):
        link = generate_recovery_link(ada)

        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

        assert heard == []

    def test_a_made_up_link_is_no_failure_of_the_owner(self, ada, heard):
        link = generate_recovery_link(ada)
        with pytest.raises(InvalidRecovery):
            confirm_recovery(link.uid, "0" * 48, "wrong", new_password=NEW_PASSWORD)

        assert heard == []

    def test_a_receiver_that_fails_harms_nobody(self, ada):
        def fail(**_):
            raise RuntimeError("receiver")

        user_login_failed.connect(fail)
        link = generate_recovery_link(ada)

        with pytest.raises(InvalidRecoveryPassword):
            confirm_recovery(link.uid, link.token, "wrong", new_password=NEW_PASSWORD)
        user_login_failed.disconnect(fail)

        assert Challenge.objects.get(user=ada.pk).attempts == 1


def test_the_user_is_looked_at_again_where_nobody_can_change_them(ada):
    link = generate_recovery_link(ada)

    with CaptureQueriesContext(connection) as statements:
        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    asked = [query["sql"] for query in statements if "auth_user" in query["sql"]]
    locks = any("FOR UPDATE" in sql for sql in asked)
    assert locks == connection.features.has_select_for_update


def test_a_link_that_was_cancelled_meanwhile_cannot_be_cancelled(ada):
    link = generate_recovery_link(ada)
    first, second = (open_link(link.uid, link.token) for _ in range(2))
    use_up(user_id=first.user_id)

    with pytest.raises(InvalidRecovery):
        use_up(user_id=second.user_id)


def test_who_has_no_address_recovers_without_a_notice(ada, row):
    row.update(email="")
    ada.refresh_from_db()
    link = generate_recovery_link(ada)

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert not is_totp_enabled(ada)
    assert mail.outbox == []


@pytest.fixture
def losing_once(monkeypatch):
    """A function that makes a conditional UPDATE lose once, as when somebody else was first."""

    def lose(model, name):
        write, lost = getattr(model, name), []

        def loses_once(row, *args, **kwargs):
            if lost:
                return write(row, *args, **kwargs)
            lost.append(row)
            raise ConcurrentUpdate

        monkeypatch.setattr(model, name, loses_once)

    return lose


def test_a_link_is_opened_in_the_next_round(ada, losing_once):
    losing_once(Account, "write")

    link = generate_recovery_link(ada)

    assert Challenge.objects.count() == 1
    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)


def test_an_attempt_is_charged_in_the_next_round(ada, losing_once):
    losing_once(Challenge, "attempt")
    link = generate_recovery_link(ada)

    with pytest.raises(InvalidRecoveryPassword):
        confirm_recovery(link.uid, link.token, "wrong", new_password=NEW_PASSWORD)

    assert Challenge.objects.get(user=ada.pk).attempts == 1


def test_a_recovery_that_another_write_undid_is_finished_in_the_next_round(ada, losing_once):
    link = generate_recovery_link(ada)
    losing_once(Account, "write")

    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert not is_totp_enabled(ada)
