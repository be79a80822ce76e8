"""The history of a factor: what is written, with what it tells of, and what is not."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ninja_totp.core.errors import EnrolmentLocked, InvalidCode, InvalidEnrolmentCode, Locked
from ninja_totp.models import Event
from ninja_totp.services import (
    Proof,
    complete_login,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    generate_recovery_link,
    prune_events,
    replace_totp,
    rotate_backup_codes,
    store_backup_codes,
    totp_events,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.history import record
from tests.support.cast import NEW_PASSWORD, PASSWORD, WRONG_BACKUP_CODE, Authenticator

pytestmark = pytest.mark.django_db(transaction=True)

Type = Event.Type
_FORWARDED = {"REMOTE_ADDR": "10.0.0.1"}


@pytest.fixture
def written(owner):
    """A function: what is written of the owner from now on, the oldest first."""
    seen = Event.objects.count()

    def lines():
        return list(Event.objects.order_by("pk").values_list("type", "method")[seen:])

    return lines


def test_an_enrolment_is_written_when_it_is_confirmed(ada, clock):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    assert totp_events(ada).events == []

    confirm_totp_setup(ada, phone.code())

    assert [event.type for event in totp_events(ada).events] == ["enabled"]


def test_a_replacement_is_written_as_one(owner, clock, written):
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    confirm_totp_setup(owner.user, phone.code())

    assert written() == [("replaced", "")]


@pytest.mark.parametrize(
    ("change", "kind"), [(disable_totp, "disabled"), (rotate_backup_codes, "backup_codes_rotated")]
)
def test_a_change_is_written(owner, written, change, kind):
    change(owner.user)

    assert written() == [(kind, "")]


def test_codes_that_the_site_has_made_are_written(owner, written):
    store_backup_codes(owner.user, ["a code of the site"])

    assert written() == [("backup_codes_rotated", "")]


def test_a_change_by_backup_code_shows_both(owner, written):
    disable_totp(owner.user, authority=Proof(backup_code=owner.backup_codes[0]))

    assert written() == [("backup_code_used", "backup_code"), ("disabled", "")]


def test_calling_an_enrolment_off_changes_nothing(ada):
    create_totp_setup(ada)
    disable_totp(ada)

    assert totp_events(ada).events == []


def test_a_right_code_leaves_no_line(owner, written):
    owner.log_in(otp_code=owner.authenticator.code())

    assert written() == []


def test_a_used_backup_code_is_written(owner, written):
    owner.log_in(backup_code=owner.backup_codes[0])

    assert written() == [("backup_code_used", "backup_code")]


def test_a_wrong_code_is_written(owner, written):
    verify_totp_code(owner.user, owner.authenticator.wrong_code())
    verify_backup_code(owner.user, WRONG_BACKUP_CODE)

    assert written() == [("failed", "otp"), ("failed", "backup_code")]


def test_a_wrong_code_of_an_enrolment_is_not_written(ada, clock, settings):
    """It is counted for the pending secret and not for the account, so nobody fills a history."""
    settings.TOTP_NOTICES = ["locked"]
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    for _ in range(5):
        with pytest.raises(InvalidEnrolmentCode):
            confirm_totp_setup(ada, phone.wrong_code())
    with pytest.raises(EnrolmentLocked):
        confirm_totp_setup(ada, phone.wrong_code())

    assert totp_events(ada).events == []
    assert mail.outbox == []


def test_a_replay_is_written_as_such(owner, written):
    code = owner.authenticator.code()
    verify_totp_code(owner.user, code)
    verify_totp_code(owner.user, code)

    assert written() == [("replayed", "otp")]


def test_a_lock_is_written_with_the_failure_that_began_it(owner, written):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert written() == [("failed", "otp")] * 5 + [("locked", "otp")]


def test_nobody_fills_the_history_of_a_locked_account(owner, written):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    before = written()

    for _ in range(10):
        with pytest.raises(Locked):
            verify_totp_code(owner.user, owner.authenticator.wrong_code())
        with pytest.raises(InvalidCode):
            owner.log_in(otp_codes=("000000", "000001"))

    # Of ten wrong pairs, the first one alone: somebody tries to end the lock.
    assert written() == [*before, ("pair_failed", "otp")]


def test_the_lock_of_backup_codes_is_written(owner, written):
    for _ in range(5):
        verify_backup_code(owner.user, WRONG_BACKUP_CODE)

    assert written()[-1] == ("locked", "backup_code")


def test_a_recovery_is_written_and_leaves_the_history(owner, written):
    link = generate_recovery_link(owner.user)
    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert written() == [("recovered", "")]
    assert [event.type for event in totp_events(owner.user).events] == ["recovered", "enabled"]


def test_a_change_that_is_undone_leaves_no_line(owner, written):
    with transaction.atomic():
        disable_totp(owner.user)
        transaction.set_rollback(True)

    assert written() == []


def test_a_line_that_cannot_be_written_undoes_its_change(owner, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("ninja_totp.services.authenticators.record", fail)
    before = owner.rows

    with pytest.raises(ZeroDivisionError):
        disable_totp(owner.user)

    assert owner.rows == before


def test_a_plain_login_sends_nothing_to_the_table(owner):
    with CaptureQueriesContext(connection) as queries:
        complete_login(owner.open_challenge(), owner.right)

    assert queries.captured_queries
    assert not [query for query in queries if "ninja_totp_event" in query["sql"]]


def test_no_line_holds_a_code_or_a_token(owner, clock):
    code = owner.authenticator.code()
    challenge = owner.open_challenge()
    link = generate_recovery_link(owner.user)
    verify_totp_code(owner.user, code)
    verify_totp_code(owner.user, code)
    verify_backup_code(owner.user, WRONG_BACKUP_CODE)
    verify_backup_code(owner.user, owner.backup_codes[0])
    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    text = repr(list(Event.objects.values_list("type", "method", "door", "address")))

    secrets = [code, challenge, link.token, WRONG_BACKUP_CODE, *owner.backup_codes, PASSWORD]
    assert not [secret for secret in secrets if secret in text]


def test_no_address_is_kept_unless_the_site_wants_it(owner, rf):
    verify_totp_code(owner.user, "000000", request=rf.post("/"))

    assert totp_events(owner.user).events[0].address is None


@pytest.mark.parametrize(
    ("meta", "proxies", "kept"),
    [
        ({"REMOTE_ADDR": "203.0.113.7"}, None, "203.0.113.7"),
        ({"REMOTE_ADDR": "::ffff:203.0.113.7"}, None, "203.0.113.7"),
        ({"REMOTE_ADDR": "fe80::1%eth0"}, None, "fe80::1"),
        (_FORWARDED | {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, None, None),
        (_FORWARDED | {"HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.9:80"}, 1, "203.0.113.9"),
        (_FORWARDED | {"HTTP_X_FORWARDED_FOR": "1.1.1.1"}, 0, "10.0.0.1"),
        ({"REMOTE_ADDR": "not an address"}, None, None),
        ({"REMOTE_ADDR": ""}, None, None),
    ],
)
def test_an_address_is_kept_as_far_as_it_can_be_known(owner, settings, meta, proxies, kept):
    settings.TOTP_EVENT_ADDRESSES = True
    settings.TOTP_NUM_PROXIES = proxies
    request = RequestFactory().post("/", **meta)

    verify_totp_code(owner.user, "000000", request=request)

    assert totp_events(owner.user).events[0].address == kept


def test_without_a_request_there_is_no_address(owner, settings):
    settings.TOTP_EVENT_ADDRESSES = True
    verify_totp_code(owner.user, "000000")

    assert totp_events(owner.user).events[0].address is None


def test_a_user_reads_nothing_of_others(owner, other):
    verify_totp_code(other.user, "000000")

    assert [event.type for event in totp_events(owner.user).events] == ["enabled"]


def test_the_history_comes_in_pages(ada):
    kinds = [Type.ENABLED, Type.FAILED, Type.LOCKED, Type.FAILED, Type.DISABLED]
    record(ada, *kinds, request=None)

    first = totp_events(ada, limit=2)
    second = totp_events(ada, limit=2, before=first.next_before)
    last = totp_events(ada, limit=2, before=second.next_before)

    seen = [event.type for page in (first, second, last) for event in page.events]
    assert seen == [str(kind) for kind in reversed(kinds)]
    assert last.next_before is None


def test_a_full_last_page_promises_no_other(ada):
    record(ada, Type.ENABLED, Type.DISABLED, request=None)

    assert totp_events(ada, limit=2).next_before is None


def test_a_page_is_one_query(owner, django_assert_num_queries):
    with django_assert_num_queries(1):
        totp_events(owner.user)


def test_nothing_written_is_nothing_sent(ada, django_assert_num_queries):
    with django_assert_num_queries(0):
        record(ada, request=None)


def test_a_line_does_not_change(owner):
    line = Event.objects.get()

    with pytest.raises(TypeError, match="append-only"):
        line.save()
    with pytest.raises(TypeError, match="append-only"):
        line.save(update_fields=["type"])
    with pytest.raises(TypeError, match="append-only"):
        Event.objects.update(type="disabled")


def test_a_user_goes_with_their_history(owner):
    owner.user.delete()

    assert not Event.objects.exists()


def age(pks, days):
    """Make lines older than the table lets anybody."""
    then = timezone.now() - timedelta(days=days)
    super(type(Event.objects.all()), Event.objects.filter(pk__in=pks)).update(created_at=then)


def test_old_lines_are_pruned_in_batches(ada, bob):
    record(ada, *[Type.FAILED] * 5, request=None)
    record(bob, *[Type.FAILED] * 3, request=None)
    keys = list(Event.objects.order_by("pk").values_list("pk", flat=True))
    age(keys[:6], days=100)

    pruned = prune_events(before=timezone.now() - timedelta(days=90), batch_size=4)

    assert pruned == 6
    assert list(Event.objects.order_by("pk").values_list("pk", flat=True)) == keys[6:]


def test_there_may_be_nothing_to_prune(owner):
    assert prune_events(before=timezone.now() - timedelta(days=1)) == 0
    assert Event.objects.count() == 1
