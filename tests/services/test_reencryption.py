"""Moving rows to a new key: nobody is locked out meanwhile, and the old key is told to be free."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone
from django.views.debug import ExceptionReporter

from ninja_totp import models
from ninja_totp.conf import get_settings
from ninja_totp.core.encryption import KeyRing
from ninja_totp.models import Account, BackupCode
from ninja_totp.services import (
    KeyUsage,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    reencrypt_totp,
    replace_totp,
    rotate_backup_codes,
    totp_keys,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.operators import maintenance
from tests.http.crashing import Crash, crash_here, lines_with
from tests.services.keys import NEW_KEY
from tests.support.cast import Authenticator, enrolled, new_user

pytestmark = pytest.mark.django_db


def change(row, **columns):
    type(row).objects.filter(pk=row.pk).update(**columns)


def test_after_a_run_the_new_key_is_enough(owner, roll_in, drop_old):
    roll_in()
    done = reencrypt_totp()
    drop_old()

    assert (done.secrets, done.codes, done.broken) == (1, 10, set())
    assert verify_totp_code(owner.user, owner.authenticator.code())
    assert verify_backup_code(owner.user, owner.backup_codes[0])
    assert not verify_backup_code(owner.user, owner.backup_codes[0])


def test_a_second_run_finds_nothing_to_do(owner, roll_in):
    roll_in()
    reencrypt_totp()
    before = owner.rows

    done = reencrypt_totp()

    assert (done.secrets, done.codes) == (0, 0)
    assert owner.rows == before


def test_a_used_code_stays_used(owner, roll_in, drop_old):
    assert verify_backup_code(owner.user, owner.backup_codes[3])
    roll_in()
    reencrypt_totp()

    assert not verify_backup_code(owner.user, owner.backup_codes[3])
    drop_old()
    assert not verify_backup_code(owner.user, owner.backup_codes[3])


def test_a_run_says_how_far_it_is_and_goes_on_where_it_was_stopped(
    owner, other, clock, django_user_model, roll_in
):
    enrolled(new_user(django_user_model, "cleo"), clock)
    roll_in()
    told = []

    def stop(so_far):
        told.append((so_far.secrets, so_far.codes))
        if so_far.codes == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reencrypt_totp(batch=2, on_progress=stop)
    rest = reencrypt_totp(batch=2)

    assert told == [(2, 0), (3, 0), (3, 2), (3, 4), (3, 6), (3, 8)]
    assert (rest.secrets, rest.codes) == (0, 22)


def test_an_enrolment_under_way_is_moved_too(ada, clock, roll_in, drop_old):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    roll_in()
    reencrypt_totp()
    drop_old()

    assert confirm_totp_setup(ada, phone.code())


def test_an_enrolment_that_is_over_is_left_alone(ada, clock, roll_in):
    create_totp_setup(ada)
    roll_in()
    clock.advance(601)
    before = list(models.Authenticator.objects.values())

    reencrypt_totp()

    assert list(models.Authenticator.objects.values()) == before
    assert not totp_keys()[1].is_needed


def test_codes_without_a_ciphertext_keep_the_old_key_needed(ada, clock, settings, roll_in):
    settings.TOTP_STORE_BACKUP_CODE_CIPHERTEXT = False
    codes = enrolled(ada, clock).backup_codes
    roll_in()
    done = reencrypt_totp()

    new, old = totp_keys()
    assert (done.secrets, done.codes, done.broken) == (1, 0, set())
    assert (new.secrets, old.codes, old.codes_bound) == (1, 10, 10)
    assert old.is_needed
    assert verify_backup_code(ada, codes[0])
    rotate_backup_codes(ada)
    assert totp_keys()[1].may_be_dropped


def test_ciphertexts_go_where_the_site_keeps_none_any_more(owner, settings, roll_in):
    roll_in()
    settings.TOTP_STORE_BACKUP_CODE_CIPHERTEXT = False

    reencrypt_totp()

    assert not BackupCode.objects.exclude(ciphertext="").exists()
    assert verify_backup_code(owner.user, owner.backup_codes[0])


def test_a_row_that_was_moved_to_another_user_is_not_made_good(owner, other, roll_in):
    """By SQL, somebody gives Bob's secret and a code of Bob's to Ada."""
    change(owner.totp, secret=other.totp.secret)
    BackupCode.objects.filter(user=owner.user).delete()
    stolen = BackupCode.objects.filter(user=other.user).first()
    BackupCode.objects.filter(pk=stolen.pk).update(user=owner.user)
    roll_in()

    done = reencrypt_totp()

    assert done.broken == {owner.user.pk}
    assert (done.secrets, done.codes) == (1, 9)
    assert not any(verify_backup_code(owner.user, code) for code in other.backup_codes[:4])


def test_what_no_key_opens_stops_nobody_elses_run(owner, other, roll_in):
    change(owner.totp, secret="gAAAAA-no-sealed")
    BackupCode.objects.filter(user=owner.user).update(ciphertext="gAAAAA-no-tokens")
    roll_in()

    done = reencrypt_totp()

    assert (done.secrets, done.codes, done.broken) == (1, 10, {owner.user.pk})
    assert totp_keys()[1].is_needed


def test_the_verdict_waits_for_everything_that_needs_the_key(owner, ada, roll_in, clock):
    replace_totp(owner.user)
    roll_in()

    old = totp_keys()[1]
    assert (old.position, old.secrets, old.pending, old.codes) == (2, 1, 1, 10)
    assert not old.may_be_dropped
    reencrypt_totp()
    new, old = totp_keys()
    assert (new.secrets, new.pending, new.codes) == (1, 1, 10)
    assert old.may_be_dropped
    assert not new.may_be_dropped


def test_the_current_key_may_never_be_dropped(ada):
    assert [key.may_be_dropped for key in totp_keys()] == [False]


def test_a_key_that_is_missing_is_told_of(owner, settings):
    old = owner.totp.key_id
    replace_totp(owner.user)
    settings.TOTP_ENCRYPTION_KEY = NEW_KEY

    assert totp_keys()[1:] == [
        KeyUsage(old, None, secrets=1, pending=1, codes=10),
    ]
    assert not any(key.may_be_dropped for key in totp_keys())


def move_to_a_key_that_is_missing(rows):
    """Have these rows need a key that is in no setting."""
    assert rows.update(key_id="missing!")


@pytest.mark.parametrize(
    ("rows_of", "needed"),
    [
        (lambda owner: BackupCode.objects.filter(user=owner.user), {"codes": 10}),
        (lambda owner: account_of(owner).filter(confirmed_at=None), {"pending": 1}),
        (lambda owner: account_of(owner).exclude(confirmed_at=None), {"secrets": 1}),
    ],
    ids=["codes", "pending", "secrets"],
)
def test_whatever_needs_a_key_alone_makes_it_needed(owner, rows_of, needed):
    replace_totp(owner.user)
    move_to_a_key_that_is_missing(rows_of(owner))

    _, missing = totp_keys()

    assert missing == KeyUsage("missing!", None, **needed)
    assert missing.is_needed


def account_of(owner):
    return models.Authenticator.objects.filter(account=owner.user.pk)


def as_a_login_writes(owner, clock):
    """Write what another request does that accepts the code of this moment."""
    Account.objects.filter(pk=owner.user.pk).update(version=F("version") + 1)
    models.Authenticator.objects.filter(account=owner.user.pk).update(last_step=clock.now() // 30)


def before_the_first_secret(monkeypatch, act):
    """Have `act` done after the first secret was read and before it is written."""
    open_, once = KeyRing.open, iter([True])

    def opened(ring, sealed, *, owner):
        secret = open_(ring, sealed, owner=owner)
        if next(once, False):
            act()
        return secret

    monkeypatch.setattr(KeyRing, "open", opened)


def test_a_login_between_reading_and_writing_wins(owner, roll_in, monkeypatch, clock):
    roll_in()
    code = owner.authenticator.code()
    before_the_first_secret(monkeypatch, lambda: as_a_login_writes(owner, clock))
    done = reencrypt_totp()

    assert done.secrets == 1
    assert owner.totp.key_id == get_settings().key_ring.current_key_id
    assert not verify_totp_code(owner.user, code)


def test_a_code_that_is_used_between_reading_and_writing_stays_used(owner, roll_in, monkeypatch):
    roll_in()
    code_anew, uses = maintenance._new_row, iter([True])

    def after_a_use(code):
        new = code_anew(code)
        if next(uses, False):
            BackupCode.objects.filter(pk=code.pk).update(used_at=timezone.now())
        return new

    monkeypatch.setattr(maintenance, "_new_row", after_a_use)
    done = reencrypt_totp()

    assert done.codes == 9
    assert sum(verify_backup_code(owner.user, code) for code in owner.backup_codes) == 9


def test_a_user_who_is_gone_meanwhile_stops_nothing(owner, other, roll_in, monkeypatch):
    roll_in()
    before_the_first_secret(monkeypatch, owner.user.delete)
    done = reencrypt_totp()

    assert done.secrets == 1


def test_switching_off_meanwhile_leaves_no_secret_behind(owner, roll_in, monkeypatch):
    roll_in()
    before_the_first_secret(monkeypatch, lambda: disable_totp(owner.user))
    reencrypt_totp()

    assert not models.Authenticator.objects.exists()


def test_a_run_takes_as_many_statements_as_there_is_to_write(
    owner, other, roll_in, django_assert_num_queries
):
    roll_in()

    # Secrets: two lists of keys, one read, savepoint, two UPDATEs of each of two, release. Codes
    # likewise, but with one UPDATE each.
    with django_assert_num_queries(3 + 2 + 4 + 3 + 2 + 20):
        reencrypt_totp()


@pytest.mark.parametrize(
    "where",
    [
        "ninja_totp.core.encryption.json.dumps",
        "ninja_totp.core.encryption._framed",
        "ninja_totp.models.Account.write",
        "ninja_totp.services.operators.maintenance.code_row",
        "django.db.models.query.QuerySet.update",
    ],
)
def test_the_report_of_a_crash_tells_no_secret(owner, roll_in, monkeypatch, where):
    roll_in()
    monkeypatch.setattr(where, crash_here)

    with pytest.raises(Crash) as caught:
        reencrypt_totp()

    # Without the frame of this test, which has the phone in it.
    reporter = ExceptionReporter(None, caught.type, caught.value, caught.tb.tb_next)
    report = reporter.get_traceback_html() + reporter.get_traceback_text()
    assert "crash_here" in report
    assert lines_with([owner.authenticator.secret, *owner.backup_codes], report) == []


def in_thread(work, *arguments):
    try:
        return work(*arguments)
    finally:
        connection.close()


def uses(member):
    """Whether each of six backup codes and then the authenticator's code was taken."""
    taken = [verify_backup_code(member.user, code) for code in member.backup_codes[:6]]
    return [*taken, verify_totp_code(member.user, member.authenticator.code())]


def runs_until(stop):
    runs = 0
    while not stop.is_set():
        reencrypt_totp(batch=3)
        runs += 1
    return runs


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_the_database_undoes_is_tried_again(owner, roll_in, drop_old, monkeypatch):
    """Somebody rotates codes in the other order at the same time: a deadlock."""
    roll_in()
    code_row, calls = maintenance.code_row, itertools.count(1)

    def deadlock_once(*arguments):
        if next(calls) == 4:
            raise OperationalError(1213, "Deadlock found when trying to get lock")
        return code_row(*arguments)

    monkeypatch.setattr(maintenance, "code_row", deadlock_once)
    done = reencrypt_totp()
    drop_old()

    assert (done.secrets, done.codes) == (1, 10)
    assert verify_backup_code(owner.user, owner.backup_codes[9])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_users_log_in_while_a_run_goes_on(owner, other, roll_in, drop_old):
    roll_in()
    stop = threading.Event()

    with ThreadPoolExecutor() as pool:
        runner = pool.submit(in_thread, runs_until, stop)
        logins = [pool.submit(in_thread, uses, member) for member in (owner, other)]
        taken = [login.result() for login in logins]
        stop.set()
        assert runner.result() >= 1
    reencrypt_totp()
    drop_old()

    assert taken == [[True] * 7] * 2
    assert [key.is_needed for key in totp_keys()] == [True]
    assert all(verify_backup_code(owner.user, code) for code in owner.backup_codes[6:])
    assert not any(verify_backup_code(other.user, code) for code in other.backup_codes[:4])
