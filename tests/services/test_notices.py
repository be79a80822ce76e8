"""Mail about what happened: who gets which, when, and what a mail server can spoil (nothing)."""

import json
import re
import threading
from decimal import Decimal

import pytest
from django.core import mail
from django.db import OperationalError, transaction
from django.test import override_settings
from django.utils import translation

from ninja_totp.conf.types import NOTICES
from ninja_totp.core.errors import InvalidCode
from ninja_totp.emails import background, notice_message
from ninja_totp.models import Event
from ninja_totp.services import (
    Proof,
    complete_login,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    generate_recovery_link,
    replace_totp,
    rotate_backup_codes,
    verify_backup_code,
    verify_totp_code,
)
from ninja_totp.services.history import mail_notice
from ninja_totp.services.recovery.recovery import mail_disabled_notice
from tests.support.cast import NEW_PASSWORD, PASSWORD, WRONG_BACKUP_CODE, Authenticator

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "ada@example.org"


@pytest.fixture(autouse=True)
def all_notices(owner, settings):
    """Whatever a user can be mailed about is, from after the enrolment on."""
    mail.outbox.clear()
    settings.SITE_NAME = "Example & Sons"


def subjects():
    return [message.subject for message in mail.outbox]


def lock(owner):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())


def test_switching_on_is_mailed(bob, clock):
    phone = Authenticator(create_totp_setup(bob).secret, clock)
    assert mail.outbox == []

    confirm_totp_setup(bob, phone.code())

    (message,) = mail.outbox
    assert message.to == ["bob@example.org"]
    assert message.subject == "Two-factor authentication is on for your Example & Sons account"
    assert "Example & Sons account bob" in message.body


def test_switching_off_is_mailed_by_the_template_of_a_recovery(owner):
    disable_totp(owner.user)

    assert subjects() == ["Two-factor authentication is off for your Example & Sons account"]


def test_a_replacement_is_mailed_once_it_is_confirmed(owner, clock):
    phone = Authenticator(replace_totp(owner.user).secret, clock)
    assert mail.outbox == []

    confirm_totp_setup(owner.user, phone.code())

    assert subjects() == ["The authenticator of your Example & Sons account was replaced"]


def test_new_backup_codes_are_mailed_about_and_not_mailed(owner):
    codes = rotate_backup_codes(owner.user)

    (message,) = mail.outbox
    assert message.subject == "Your Example & Sons account has new backup codes"
    assert not [code for code in codes if code in message.message().as_string()]


def test_a_used_backup_code_is_mailed_with_the_number_left(owner, other):
    mail.outbox.clear()

    verify_backup_code(owner.user, owner.backup_codes[0])

    (message,) = mail.outbox
    assert message.subject == "A backup code of your Example & Sons account was used"
    assert re.findall(r"(\d+) backup codes are left\.", message.body) == ["9"]
    assert owner.backup_codes[0] not in message.message().as_string()


def test_the_last_two_backup_codes_are_counted_in_words_that_fit(owner):
    for code in owner.backup_codes:
        verify_backup_code(owner.user, code)

    *_, last_but_one, last = mail.outbox
    assert "1 backup code is left." in last_but_one.body
    assert "0 backup codes are left." in last.body


def test_a_replay_is_mailed(owner):
    code = owner.authenticator.code()
    verify_totp_code(owner.user, code)
    assert mail.outbox == []

    verify_totp_code(owner.user, code)

    (message,) = mail.outbox
    assert message.subject == "A code for your Example & Sons account was entered twice"
    assert code not in message.message().as_string()


def test_a_lock_is_mailed_once_when_it_begins(owner):
    lock(owner)
    with pytest.raises(Exception, match="wrong codes"):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert subjects() == ["Too many wrong codes for your Example & Sons account"]


def test_wrong_pairs_during_a_lock_are_mailed_once(owner):
    lock(owner)
    mail.outbox.clear()

    for _ in range(2):
        with pytest.raises(InvalidCode):
            owner.log_in(otp_codes=("000000", "000000"))

    assert subjects() == ["Wrong codes for your locked Example & Sons account"]


def test_a_device_that_is_trusted_is_mailed_about(owner, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    login = complete_login(owner.open_challenge(), owner.right, trust_device="laptop")

    (message,) = mail.outbox
    assert message.subject == "A new trusted device for your Example & Sons account"
    assert login.trusted_device_token not in message.message().as_string()


def test_a_wrong_code_alone_is_not_mailed(owner):
    verify_totp_code(owner.user, owner.authenticator.wrong_code())
    verify_backup_code(owner.user, WRONG_BACKUP_CODE)

    assert mail.outbox == []


def test_a_login_is_not_mailed(owner):
    owner.log_in(otp_code=owner.authenticator.code())

    assert mail.outbox == []


def test_a_recovery_is_mailed_once(owner):
    link = generate_recovery_link(owner.user)
    confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

    assert subjects() == ["Two-factor authentication is off for your Example & Sons account"]


def test_a_change_by_backup_code_is_two_things_to_tell(owner):
    disable_totp(owner.user, authority=Proof(backup_code=owner.backup_codes[0]))

    assert len(mail.outbox) == 2


def test_the_site_chooses_what_is_mailed(owner, settings):
    settings.TOTP_NOTICES = ["locked"]
    verify_backup_code(owner.user, owner.backup_codes[0])
    lock(owner)

    assert subjects() == ["Too many wrong codes for your Example & Sons account"]


def test_the_site_may_want_none(owner, settings):
    settings.TOTP_NOTICES = []
    disable_totp(owner.user)

    assert mail.outbox == []


def test_the_address_stands_in_it_where_the_site_keeps_it(owner, settings, rf):
    request = rf.post("/", REMOTE_ADDR="203.0.113.7")
    verify_backup_code(owner.user, owner.backup_codes[0], request=request)
    settings.TOTP_EVENT_ADDRESSES = True
    verify_backup_code(owner.user, owner.backup_codes[1], request=request)

    without, with_address = mail.outbox
    assert "203.0.113.7" not in without.message().as_string()
    assert "The IP address was 203.0.113.7." in with_address.body


def test_a_change_that_is_undone_is_not_mailed(owner):
    with transaction.atomic():
        disable_totp(owner.user)
        transaction.set_rollback(True)

    assert mail.outbox == []


def test_nothing_is_mailed_before_the_commit(owner):
    with transaction.atomic():
        disable_totp(owner.user)
        before = list(mail.outbox)

    assert (before, len(mail.outbox)) == ([], 1)


def test_a_user_without_a_mailbox_is_not_mailed(owner):
    owner.user.email = ""
    owner.user.save()

    disable_totp(owner.user)

    assert mail.outbox == []


def test_a_user_who_is_gone_by_then_is_not_mailed(owner):
    pk = str(owner.user.pk)
    owner.user.delete()

    mail_notice(event="locked", user_pk=pk, username="ada", language="en", address=None)

    assert mail.outbox == []


@pytest.mark.parametrize("name", ["ada of another tenant", ""])
def test_a_user_with_the_same_key_is_not_mailed_in_the_others_place(owner, name):
    """A project's queue may run a job where nothing says which tenant the request was for."""
    pk = str(owner.user.pk)

    mail_notice(event="locked", user_pk=pk, username=name, language="en", address=None)
    mail_disabled_notice(user_pk=pk, username=name, language="en")

    assert mail.outbox == []


@pytest.fixture
def dead_server(settings):
    """A mail server that takes no connection."""
    # Django 6.1 has one dictionary for what were settings of their own.
    backend = "tests.services.dead_mail.DeadBackend"
    changes = {"EMAIL_BACKEND": backend}
    if hasattr(settings, "MAILERS"):
        changes = {"MAILERS": {"default": {"BACKEND": backend}}}
    with override_settings(**changes):
        yield


def test_a_dead_mail_server_changes_nothing(owner, dead_server, caplog):
    disable_totp(owner.user)

    assert not owner.account.is_enabled
    assert Event.objects.latest("pk").type == "disabled"
    assert any(said.startswith("A mail could not be sent: ") for said in caplog.messages)


def test_a_dispatcher_that_fails_changes_nothing(owner, settings):
    settings.TOTP_RECOVERY_DISPATCHER = _broken

    disable_totp(owner.user)

    assert not owner.account.is_enabled


def test_a_dispatcher_that_fails_takes_no_right_backup_code_back(owner, settings, caplog):
    settings.TOTP_RECOVERY_DISPATCHER = _broken

    assert verify_backup_code(owner.user, owner.backup_codes[0])

    assert not verify_backup_code(owner.user, owner.backup_codes[0])
    assert "A callback after the commit failed: ConnectionRefusedError" in caplog.messages
    assert "no broker" not in caplog.text


def test_a_dispatcher_that_fails_hides_no_wrong_code_and_no_lock(owner, settings, caplog):
    settings.TOTP_RECOVERY_DISPATCHER = _broken

    answers = [verify_totp_code(owner.user, owner.authenticator.wrong_code()) for _ in range(5)]

    assert answers == [False] * 5
    assert any(said.startswith("totp_locked ") for said in caplog.messages)


def test_a_queue_in_the_database_that_asks_for_another_try_has_no_failure_counted_twice(
    owner, settings
):
    settings.TOTP_RECOVERY_DISPATCHER = _deadlocked

    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())

    kinds = list(Event.objects.values_list("type", flat=True))
    assert (kinds.count("failed"), kinds.count("locked")) == (5, 1)


def test_a_notice_waits_for_the_commit_of_who_has_switched_autocommit_off(owner, settings):
    handed = []
    settings.TOTP_RECOVERY_DISPATCHER = lambda job, **values: handed.append(values["event"])

    transaction.set_autocommit(False)
    try:
        verify_backup_code(owner.user, owner.backup_codes[0])
        before = list(handed)
        transaction.commit()
    finally:
        transaction.set_autocommit(True)

    assert before == []
    assert handed == ["backup_code_used"]


def _broken(*args, **kwargs):
    raise ConnectionRefusedError("no broker")


def _deadlocked(*args, **kwargs):
    raise OperationalError(1213, "deadlock")


def test_a_dispatcher_is_handed_what_a_queue_can_carry(owner, settings, rf):
    handed = []
    settings.TOTP_EVENT_ADDRESSES = True
    settings.TOTP_RECOVERY_DISPATCHER = lambda job, **values: handed.append((job, values))

    with translation.override("de"):
        verify_backup_code(owner.user, owner.backup_codes[0], request=rf.post("/"))

    (job, values) = handed[0]
    assert f"{job.__module__}.{job.__qualname__}" == "ninja_totp.services.history.mail_notice"
    assert json.loads(json.dumps(values)) == {
        "event": "backup_code_used",
        "user_pk": str(owner.user.pk),
        "username": owner.user.get_username(),
        "language": "de",
        "database": "default",
        "schema": None,
        "address": "127.0.0.1",
        "name": "",
    }


def test_nobody_waits_for_the_mail(owner, monkeypatch):
    sent_by = []
    worker = background.Background()
    monkeypatch.setattr(background, "_background", worker)
    monkeypatch.setattr(
        "ninja_totp.services.history.mail_notice",
        lambda **_: sent_by.append(threading.current_thread()),
    )
    monkeypatch.delattr(mail, "outbox")

    disable_totp(owner.user)

    assert sent_by == []
    assert worker.finish(10)
    assert sent_by[0] is not threading.current_thread()


def test_a_template_of_the_site_is_used(owner, settings, tmp_path):
    (tmp_path / "notice.html").write_text(
        "{% block subject %}{{ event }}{% endblock %}"
        "{% block text_body %}{{ user.pk }} {{ site_name }}{% endblock %}"
    )
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}
    ]
    settings.TOTP_NOTICE_EMAIL_TEMPLATE = "notice.html"

    lock(owner)

    (message,) = mail.outbox
    assert message.subject == "locked"
    assert message.body == f"{owner.user.pk} Example & Sons"


@pytest.mark.parametrize("event", NOTICES)
def test_html_is_escaped_and_text_is_not(owner, event):
    owner.user.username = "<b>ada</b>"

    message = notice_message(event, owner.user, ADDRESS, address="::1", codes_left=3)

    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "<b>ada</b>" in message.body
    assert "&lt;b&gt;ada&lt;/b&gt;" in html
    assert "Example &amp; Sons" in html
    assert "<b>" not in html
    assert "\n" not in message.subject


def test_what_is_mailed_about_are_events():
    assert set(NOTICES) <= set(Event.Type.values)


def test_a_login_name_that_is_no_text_is_handed_on_as_text(owner, settings, monkeypatch):
    jobs = []
    monkeypatch.setattr(type(owner.user), "get_username", lambda _: Decimal(4711))
    settings.TOTP_RECOVERY_DISPATCHER = lambda job, /, **arguments: jobs.append((job, arguments))

    rotate_backup_codes(owner.user)

    ((job, arguments),) = jobs
    job(**json.loads(json.dumps(arguments)))
    assert len(mail.outbox) == 1
