"""What was found becomes rows: once, whole, and never over what users did here."""

from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier, Thread

import pyotp
import pytest
from django.db import connections
from django.db.models import F

from ninja_totp import clock
from ninja_totp.core.errors import InvalidChallenge
from ninja_totp.core.otp import new_secret
from ninja_totp.importers import writer
from ninja_totp.importers.found import ImportedFactor, Refused, Unfinished
from ninja_totp.importers.peers import owners_of, rows as rows_of_source
from ninja_totp.importers.writer import Result, write
from ninja_totp.models import Account, Authenticator, BackupCode
from ninja_totp.services import (
    add_authenticator,
    begin_login,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    generate_challenge_token,
    get_user_from_challenge_token,
    is_totp_enabled,
    replace_totp,
    rotate_backup_codes,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.connections import database_without_tables

CODES = ("first-code", "other-code")


def factor(user, secret=None, **options):
    return ImportedFactor(user.pk, secret or new_secret(), **options)


def results(found, **options):
    return [outcome.result for outcome in write(found, **options)]


def rows():
    return (
        list(Account.objects.order_by("pk").values()),
        list(Authenticator.objects.order_by("pk").values()),
        list(BackupCode.objects.order_by("pk").values()),
    )


@pytest.mark.django_db
def test_every_property_of_a_factor_is_kept(ada):
    confirmed, used = datetime(2020, 1, 2, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)

    write(
        [
            factor(
                ada,
                digits=8,
                period_seconds=60,
                algorithm="SHA256",
                window=2,
                last_step=4711,
                confirmed_at=confirmed,
                last_used_at=used,
            )
        ]
    )

    kept = Authenticator.objects.get(account=ada.pk)
    assert (kept.digits, kept.period_seconds, kept.algorithm) == (8, 60, "SHA256")
    assert (kept.window, kept.last_step) == (2, 4711)
    for row in (kept, kept.account):
        assert (row.confirmed_at, row.last_used_at) == (confirmed, used)


@pytest.mark.django_db
@pytest.mark.parametrize(("tolerance", "window"), [(0, None), (1, None), (2, 2), (30, 2)])
def test_the_window_is_never_wider_than_a_site_may_set_it(ada, tolerance, window):
    write([factor(ada, window=tolerance)])

    assert Authenticator.objects.get().window == window


@pytest.mark.django_db
def test_a_wider_window_holds_for_the_imported_authenticator_alone(ada, monkeypatch):
    now, secret = clock.now(), new_secret()
    monkeypatch.setattr(clock, "now", lambda: now)
    write([factor(ada, secret, window=2, last_step=0)])
    added = add_authenticator(ada, "Tablet")
    confirm_totp_setup(ada, pyotp.TOTP(added.secret).at(now - 30))

    assert verify_totp_code(ada, pyotp.TOTP(secret).at(now - 60))
    assert not verify_totp_code(ada, pyotp.TOTP(added.secret).at(now + 60))
    assert verify_totp_code(ada, pyotp.TOTP(secret).at(now + 60))


@pytest.mark.django_db
def test_a_wider_window_ends_with_a_new_authenticator(ada, monkeypatch):
    now, secret = clock.now(), new_secret()
    monkeypatch.setattr(clock, "now", lambda: now)
    write([factor(ada, secret, window=2)])
    replacement = replace_totp(ada).secret
    confirm_totp_setup(ada, pyotp.TOTP(replacement).at(now - 30))

    assert not verify_totp_code(ada, pyotp.TOTP(replacement).at(now + 60))
    assert verify_totp_code(ada, pyotp.TOTP(replacement).at(now + 30))
    assert Authenticator.objects.get().window is None


@pytest.mark.django_db
def test_what_was_opened_before_an_import_over_an_account_has_ended(ada):
    create_totp_setup(ada)
    challenge = generate_challenge_token(ada)
    before = Account.objects.get().generation

    assert results([factor(ada)]) == [Result.IMPORTED]

    assert Account.objects.get().generation == before + 1
    with pytest.raises(InvalidChallenge):
        get_user_from_challenge_token(challenge)


@pytest.mark.django_db
def test_what_was_opened_before_an_update_from_the_source_has_ended(ada):
    found = factor(ada, last_step=0)
    write([found])
    challenge = generate_challenge_token(ada)
    before = Account.objects.get().generation

    assert results([replace(found, last_step=10**6)]) == [Result.UPDATED]

    assert Account.objects.get().generation == before + 1
    with pytest.raises(InvalidChallenge):
        get_user_from_challenge_token(challenge)


@pytest.mark.django_db
def test_where_nothing_is_remembered_all_steps_before_this_one_count_as_used(ada):
    write([factor(ada, period_seconds=60)])

    last_step = Authenticator.objects.get().last_step
    assert last_step in range(clock.now() // 60 - 2, clock.now() // 60)


@pytest.mark.django_db
def test_a_second_run_changes_nothing(ada, bob):
    found = [factor(ada, backup_codes=CODES, last_step=3), factor(bob)]
    write(found)
    before = rows()

    assert results(found) == [Result.UNCHANGED] * 2
    assert rows() == before


@pytest.mark.django_db
def test_a_dry_run_tells_the_same_and_writes_nothing(ada, bob):
    found = [factor(ada, backup_codes=CODES), Refused(bob.pk, "reasons")]

    told = write(found, dry_run=True)

    assert rows() == ([], [], [])
    assert told == write(found)


@pytest.mark.django_db
def test_who_enrolled_here_is_left_alone(ada):
    setup = create_totp_setup(ada)
    codes = confirm_totp_setup(ada, pyotp.TOTP(setup.secret).now()).backup_codes

    assert results([factor(ada, backup_codes=CODES)]) == [Result.UNTOUCHED]
    assert verify_backup_code(ada, codes[0])
    assert not verify_backup_code(ada, CODES[0])


@pytest.mark.django_db
def test_who_switched_off_here_stays_without(ada):
    found = [factor(ada)]
    write(found)
    disable_totp(ada)

    assert results(found) == [Result.UNTOUCHED]
    assert not is_totp_enabled(ada)


@pytest.mark.django_db
def test_a_row_that_no_key_opens_is_left_alone(ada):
    found = [factor(ada)]
    write(found)
    Authenticator.objects.update(secret="AAAA")

    assert results(found) == [Result.UNTOUCHED]


@pytest.mark.django_db
def test_a_pending_secret_cannot_replace_the_imported_one(ada):
    setup = create_totp_setup(ada)
    secret = new_secret()

    assert results([factor(ada, secret)]) == [Result.IMPORTED]
    assert Authenticator.objects.get().confirmed_at is not None
    assert Account.objects.get().version == 2
    assert verify_totp_code(ada, pyotp.TOTP(secret).now())
    assert setup.secret != secret


@pytest.mark.django_db
def test_codes_that_were_used_there_since_the_last_run_are_used_here(ada):
    secret = new_secret()
    write([factor(ada, secret, backup_codes=CODES)])

    assert results([factor(ada, secret, backup_codes=CODES[1:])]) == [Result.UPDATED]
    assert not verify_backup_code(ada, CODES[0])
    assert verify_backup_code(ada, CODES[1])


@pytest.mark.django_db
def test_a_step_that_was_used_there_since_the_last_run_is_used_here(ada):
    secret = new_secret()
    write([factor(ada, secret, last_step=10)])

    assert results([factor(ada, secret, last_step=11)]) == [Result.UPDATED]
    assert Authenticator.objects.get().last_step == 11


@pytest.mark.django_db
def test_a_factor_that_was_used_here_follows_its_source_no_longer(ada):
    found = [factor(ada, backup_codes=CODES)]
    write(found)
    assert verify_backup_code(ada, CODES[0])

    assert results(found) == [Result.UNCHANGED]
    assert not verify_backup_code(ada, CODES[0])


@pytest.mark.django_db
def test_codes_that_were_rotated_here_stay(ada):
    found = [factor(ada, backup_codes=CODES)]
    write(found)
    codes = rotate_backup_codes(ada)

    assert results(found) == [Result.UNCHANGED]
    assert verify_backup_code(ada, codes[0])


@pytest.mark.django_db
def test_a_user_who_is_gone_is_reported(ada):
    found = [factor(ada)]
    ada.delete()

    assert [outcome.notes for outcome in write(found)] == [("there is no such user any more",)]


@pytest.mark.django_db
def test_codes_that_are_typed_alike_are_one_code(ada):
    code = "0123-4567-89AB-CDEF-GHJK-MNPQ"

    write([factor(ada, backup_codes=(code, code.lower(), code.replace("-", "")))])

    assert BackupCode.objects.count() == 1


@pytest.mark.django_db
def test_an_unfinished_enrolment_is_counted_and_nothing_more(ada):
    assert results([Unfinished(ada.pk)]) == [Result.UNFINISHED]
    assert rows() == ([], [], [])


@pytest.mark.django_db
def test_a_batch_takes_the_same_few_queries_whatever_its_size(
    django_user_model, django_assert_num_queries
):
    users = django_user_model.objects.bulk_create(
        django_user_model(username=f"user{number}") for number in range(20)
    )
    found = [factor(user, backup_codes=("one-code",)) for user in users]

    # users, accounts, BEGIN, DELETE of pending secrets and of stale codes, three INSERTs, COMMIT
    with django_assert_num_queries(9):
        write(found)


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_breaks_off_leaves_nothing_behind(ada, bob, monkeypatch):
    def power_cut(*_):
        raise KeyboardInterrupt

    found = [factor(ada, backup_codes=CODES), factor(bob, backup_codes=CODES)]
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_replace_codes", power_cut)
        with pytest.raises(KeyboardInterrupt):
            write(found)

    assert rows() == ([], [], [])
    assert results(found) == [Result.IMPORTED] * 2


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_time_import_everybody_once(django_user_model):
    users = django_user_model.objects.bulk_create(
        django_user_model(username=f"user{number}") for number in range(40)
    )
    found = [factor(user, backup_codes=CODES) for user in users]
    barrier, told = Barrier(3), []

    def run():
        barrier.wait()
        told.extend(results(found))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told.count(Result.IMPORTED) == 40
    assert told.count(Result.UNCHANGED) == 80
    assert (Account.objects.count(), BackupCode.objects.count()) == (40, 80)


def several(user, *secrets, **options):
    """A factor of these secrets, the first one with the options."""
    first, *others = [factor(user, secret) for secret in secrets]
    return replace(first, further=tuple(others), **options)


@pytest.mark.django_db
def test_all_authenticators_are_kept_with_names_and_steps(ada):
    first, second, third = (new_secret() for _ in range(3))
    further = (
        factor(ada, second, name="  x\n" + "y" * 100, last_step=7),
        factor(ada, third, last_step=9),
    )

    assert results([factor(ada, first, last_step=5, further=further)]) == [Result.IMPORTED]

    kept = Authenticator.objects.filter(account=ada.pk).order_by("last_step")
    names = ["Authenticator app", "x " + "y" * 62, "Authenticator app 3"]
    assert list(kept.values_list("name", "last_step")) == list(zip(names, [5, 7, 9], strict=True))
    for secret in (first, second, third):
        assert verify_totp_code(ada, pyotp.TOTP(secret).at(clock.now()))


@pytest.mark.django_db
def test_a_second_run_changes_nothing_about_several(ada):
    found = several(ada, new_secret(), new_secret(), backup_codes=CODES)
    write([found])
    before = rows()

    assert results([found]) == [Result.UNCHANGED]
    assert rows() == before


@pytest.mark.django_db
def test_what_changes_at_the_source_follows_until_one_is_used_here(ada):
    first, second, third = (new_secret() for _ in range(3))
    write([several(ada, first, second)])

    used_there = several(ada, first, second)
    used_there = replace(used_there, further=(replace(used_there.further[0], last_step=10**6),))
    updated = results([used_there])
    added = results([several(ada, first, second, third)])
    assert verify_totp_code(ada, pyotp.TOTP(second).at(clock.now()))
    late = results([several(ada, first)])

    assert (updated, added, late) == ([Result.UNCHANGED], [Result.UPDATED], [Result.UNCHANGED])
    assert Authenticator.objects.filter(account=ada.pk).count() == 3


@pytest.mark.django_db
def test_none_of_them_here_is_another_decision(ada):
    write([several(ada, new_secret(), new_secret())])

    assert results([several(ada, new_secret(), new_secret())]) == [Result.UNTOUCHED]


@pytest.mark.django_db
def test_a_password_alone_does_not_end_that_a_row_follows_its_source(ada):
    found = factor(ada, last_step=0, backup_codes=CODES)
    write([found])

    begin_login(None, username="ada", password="analytical")

    assert results([replace(found, backup_codes=CODES[1:])]) == [Result.UPDATED]
    assert BackupCode.objects.count() == 1


class ReadsElsewhere:
    """A replica that lags behind: what is read there is missing."""

    def db_for_read(self, model, **_):
        return "replica"

    def db_for_write(self, model, **_):
        return "default"


@pytest.mark.django_db
def test_nothing_is_read_from_a_replica(ada, bob, settings):
    found = [factor(ada, backup_codes=CODES, last_step=3), factor(bob)]
    changed = [replace(found[0], last_step=4), found[1]]

    with database_without_tables("replica"):
        settings.DATABASE_ROUTERS = [f"{__name__}.ReadsElsewhere"]
        outcomes = [results(found), results(found), results(changed)]
        owners = owners_of(rows_of_source(Authenticator).annotate(user_id=F("account")))
        settings.DATABASE_ROUTERS = []

    assert outcomes == [
        [Result.IMPORTED] * 2,
        [Result.UNCHANGED] * 2,
        [Result.UPDATED, Result.UNCHANGED],
    ]
    assert owners == [ada.pk, bob.pk]
