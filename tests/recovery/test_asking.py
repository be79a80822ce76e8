"""Who is mailed a link, and that nothing of it can be seen or felt by whoever asks."""

import threading

import django
import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend
from django.utils import translation

from ninja_totp.emails import background, messages
from ninja_totp.emails.background import Background
from ninja_totp.models import Challenge
from ninja_totp.services import (
    confirm_recovery,
    create_totp_setup,
    generate_recovery_link,
    is_totp_enabled,
    request_recovery,
)
from ninja_totp.services.recovery.links import mail_recovery_links
from ninja_totp.services.recovery.recovery import mail_disabled_notice
from tests.support.cast import NEW_PASSWORD, PASSWORD, enrolled
from tests.support.doors import DrfDoor, NinjaDoor

KNOWN, UNKNOWN = "ada@example.org", "nobody@example.org"


def _receivers():
    return sorted(address for message in mail.outbox for address in message.to)


class DeadBackend(BaseEmailBackend):
    """A mail server that refuses connections."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


class FirstFailsBackend(LocmemBackend):
    """A mail server that refuses the first message, as one does for a mailbox that is full."""

    has_failed = False
    error: type[Exception] = ConnectionRefusedError

    def send_messages(self, messages):
        if not type(self).has_failed:
            type(self).has_failed = True
            raise self.error("mailbox full")
        return super().send_messages(messages)


class ProviderError(Exception):
    """What the backend of a provider raises, which speaks HTTP and not SMTP."""


class HangingBackend(BaseEmailBackend):
    """A mail server that takes connections and says nothing."""

    reached = threading.Event()
    released = threading.Event()

    def send_messages(self, messages):
        self.reached.set()
        self.released.wait(30)
        return 0


def use_mail_backend(settings, backend):
    path = f"{__name__}.{backend.__name__}"
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": path}}
    else:
        settings.EMAIL_BACKEND = path


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def door(request, db, clock, settings):
    """A client of each door."""
    settings.TOTP_THROTTLE_RATE = None
    return request.param()


@pytest.fixture
def jobs(settings):
    """The jobs that a project's own dispatcher was given."""
    given = []
    settings.TOTP_RECOVERY_DISPATCHER = lambda job, **arguments: given.append((job, arguments))
    return given


def test_each_account_of_an_address_is_mailed(ada, clock, django_user_model):
    twin = django_user_model.objects.create_user("ada2", KNOWN, PASSWORD)
    enrolled(twin, clock)

    request_recovery(KNOWN)

    assert _receivers() == [KNOWN, KNOWN]
    assert {"account ada." in message.body for message in mail.outbox} == {True, False}


def _many(users, clock, number):
    """Accounts of one address, made before Ada's is; each has a factor."""
    made = [users.objects.create_user(f"user{n}", KNOWN, PASSWORD) for n in range(number)]
    for user in made:
        enrolled(user, clock)
    return made


@pytest.mark.parametrize("number", [10, 25])
def test_inactive_accounts_of_the_address_hide_nobody(clock, db, django_user_model, number):
    for user in _many(django_user_model, clock, number):
        user.is_active = False
        user.save()
    enrolled(django_user_model.objects.create_user("ada", KNOWN, PASSWORD), clock)

    request_recovery(KNOWN)

    assert ["account ada." in message.body for message in mail.outbox] == [True]


def test_accounts_without_a_factor_hide_nobody(clock, db, django_user_model):
    for number in range(10):
        django_user_model.objects.create_user(f"user{number}", KNOWN, PASSWORD)
    enrolled(django_user_model.objects.create_user("ada", KNOWN, PASSWORD), clock)

    request_recovery(KNOWN)

    assert ["account ada." in message.body for message in mail.outbox] == [True]


def test_accounts_that_were_mailed_already_hide_nobody(clock, db, django_user_model):
    _many(django_user_model, clock, 10)
    enrolled(django_user_model.objects.create_user("ada", KNOWN, PASSWORD), clock)

    request_recovery(KNOWN)
    first = len(mail.outbox)
    request_recovery(KNOWN)

    assert first == 10
    assert ["account ada." in message.body for message in mail.outbox[10:]] == [True]


def test_one_request_mails_ten_accounts_at_most(clock, db, django_user_model):
    _many(django_user_model, clock, 11)

    request_recovery(KNOWN)

    assert len(mail.outbox) == 10


@pytest.mark.django_db
def test_nor_does_it_try_more_where_the_mail_server_refuses(
    clock, django_user_model, settings, monkeypatch
):
    _many(django_user_model, clock, 12)
    tried = []

    def refuse(backend, messages):
        tried.extend(messages)
        raise ConnectionRefusedError

    monkeypatch.setattr(DeadBackend, "send_messages", refuse)
    use_mail_backend(settings, DeadBackend)

    request_recovery(KNOWN)

    assert len(tried) == 10
    assert not Challenge.objects.filter(purpose="recovery").exists()


class TestAMailThatFails:
    @pytest.fixture(autouse=True, params=[ConnectionRefusedError, ProviderError])
    def _first_fails(self, request, settings, monkeypatch):
        monkeypatch.setattr(FirstFailsBackend, "has_failed", False)
        monkeypatch.setattr(FirstFailsBackend, "error", request.param)
        use_mail_backend(settings, FirstFailsBackend)

    def test_it_keeps_nobody_elses_back(self, ada, clock, django_user_model, caplog):
        enrolled(django_user_model.objects.create_user("ada2", KNOWN, PASSWORD), clock)

        request_recovery(KNOWN)

        assert ["account ada2." in message.body for message in mail.outbox] == [True]
        assert "A mail could not be sent: " in caplog.text
        assert "mailbox full" not in caplog.text

    def test_it_costs_no_cool_down(self, ada):
        request_recovery(KNOWN)
        request_recovery(KNOWN)

        assert len(mail.outbox) == 1

    def test_it_leaves_no_link(self, ada):
        request_recovery(KNOWN)

        assert not Challenge.objects.exists()

    def test_it_ends_no_earlier_link(self, ada, clock):
        link = generate_recovery_link(ada)
        clock.advance(600)
        request_recovery(KNOWN)

        confirm_recovery(link.uid, link.token, PASSWORD, new_password=NEW_PASSWORD)

        assert FirstFailsBackend.has_failed
        assert not is_totp_enabled(ada)

    def test_a_queue_hears_of_it(self, ada):
        with pytest.raises(ExceptionGroup) as raised:
            mail_recovery_links(email=KNOWN, language=None)

        assert raised.group_contains(FirstFailsBackend.error)


class TestWorkForNobody:
    """An address without an account costs a look-up and a rendering too."""

    @pytest.fixture
    def rendered(self, monkeypatch):
        """The users whom a message was rendered for."""
        users, fill_in = [], messages.fill_in

        def counting(mail, template, values):
            users.append(values["user"])
            fill_in(mail, template, values)

        monkeypatch.setattr(messages, "fill_in", counting)
        return users

    def test_a_message_is_rendered_once_whoever_is_asked_for(self, ada, rendered):
        for address in (KNOWN, UNKNOWN, KNOWN):  # the last one in the cool-down
            request_recovery(address)

        assert [user.pk for user in rendered] == [ada.pk, None, None]
        assert _receivers() == [KNOWN]

    def test_a_template_that_wants_more_of_a_user_harms_nobody(self, db, monkeypatch, caplog):
        def demanding(mail, template, values):
            raise RuntimeError("no profile")

        monkeypatch.setattr(messages, "fill_in", demanding)

        request_recovery(UNKNOWN)

        assert caplog.records == []


def test_mail_goes_to_the_address_as_it_is_stored(ada):
    ada.email = "Ada@Example.org"
    ada.save()

    request_recovery("ADA@EXAMPLE.ORG")

    assert _receivers() == ["Ada@Example.org"]


@pytest.mark.parametrize(
    "typed", ["m\u0131ke@example.org", "\uff4dike@example.org", "m\u00edke@example.org"]
)
def test_a_look_alike_is_mailed_nothing_at_its_own_address(clock, django_user_model, typed):
    mike = django_user_model.objects.create_user("mike", "mike@example.org", PASSWORD)
    enrolled(mike, clock)

    request_recovery(typed)

    assert set(_receivers()) <= {"mike@example.org"}


def test_who_has_no_password_of_this_site_is_mailed_nothing(ada):
    ada.set_unusable_password()
    ada.save()

    request_recovery(KNOWN)

    assert mail.outbox == []


def test_an_empty_address_is_nobodys(ada, clock, django_user_model):
    enrolled(django_user_model.objects.create_user("none", "", PASSWORD), clock)

    request_recovery("")

    assert [address for address in _receivers() if address] == []


def test_the_address_is_in_the_field_that_the_user_model_names(ada, monkeypatch):
    monkeypatch.setattr(type(ada), "EMAIL_FIELD", "last_name")
    ada.last_name, ada.email = "ada@home.example", "old@example.org"
    ada.save()

    request_recovery("ADA@home.example")
    mail_disabled_notice(user_pk=str(ada.pk), username=ada.username, language=None)

    assert [message.to for message in mail.outbox] == [["ada@home.example"]] * 2


def test_where_users_have_no_address_nobody_is_mailed(ada, monkeypatch, caplog):
    monkeypatch.setattr(type(ada), "EMAIL_FIELD", "nowhere")

    request_recovery(KNOWN)

    assert mail.outbox == []
    assert caplog.records == []


def test_a_pending_enrolment_is_no_factor_to_recover(bob):
    create_totp_setup(bob)

    request_recovery(bob.email)

    assert mail.outbox == []


def test_mail_is_in_the_language_of_the_request(ada, settings, tmp_path):
    (tmp_path / "language.html").write_text(
        "{% load i18n %}{% block subject %}{% get_current_language as now %}{{ now }}{% endblock %}"
    )
    first, *others = settings.TEMPLATES
    settings.TEMPLATES = [first | {"DIRS": [tmp_path]}, *others]
    settings.TOTP_RECOVERY_EMAIL_TEMPLATE = "language.html"

    with translation.override("fi"):
        request_recovery(KNOWN)

    assert [message.subject for message in mail.outbox] == ["fi"]


def test_a_projects_own_dispatcher_gets_what_a_queue_can_hold(ada, jobs):
    request_recovery(KNOWN)

    context = {"language": "en", "database": "default", "schema": None}
    assert jobs == [(mail_recovery_links, {"email": KNOWN} | context)]


@pytest.mark.parametrize("address", [KNOWN, UNKNOWN])
def test_a_request_asks_the_database_nothing(ada, door, jobs, django_assert_num_queries, address):
    with django_assert_num_queries(0):
        answer = door.post("totp/recovery/", {"email": address})

    assert answer.status == 200


def test_a_dead_mail_server_changes_no_answer(ada, door, settings, caplog):
    use_mail_backend(settings, DeadBackend)

    answers = {str(door.post("totp/recovery/", {"email": to}).outcome) for to in (KNOWN, UNKNOWN)}

    assert len(answers) == 1
    assert "A mail could not be sent: " in caplog.text
    assert "no mail server" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_mail_server_that_hangs(
    transactional_db, ada, door, settings, monkeypatch
):
    use_mail_backend(settings, HangingBackend)
    worker = Background()
    monkeypatch.setattr(background, "_background", worker)
    monkeypatch.setattr(background, "_head_start", lambda: 0)
    monkeypatch.delattr(mail, "outbox")
    HangingBackend.reached.clear()
    HangingBackend.released.clear()

    answer = door.post("totp/recovery/", {"email": KNOWN})

    assert answer.status == 200
    assert HangingBackend.reached.wait(30)
    assert not HangingBackend.released.is_set()
    HangingBackend.released.set()
    assert worker.finish(30)


def test_a_link_is_stored_as_a_digest_alone(ada):
    link = generate_recovery_link(ada)

    stored = repr(list(Challenge.objects.filter(user=ada.pk).values()))
    assert link.token not in stored
    assert link.token not in repr(link)


def test_a_project_that_makes_links_itself_has_one_for_each_account(ada):
    for _ in range(3):
        generate_recovery_link(ada)

    assert Challenge.objects.filter(user=ada.pk).count() == 1


@pytest.mark.parametrize(("seconds", "minutes"), [(300, 5), (359, 5), (3600, 60)])
def test_a_mail_promises_no_more_time_than_its_link_has(ada, settings, seconds, minutes):
    settings.TOTP_RECOVERY_MAX_AGE = seconds

    request_recovery(ada.email)

    assert f"for {minutes} minutes." in mail.outbox[-1].body
    assert "wait" not in mail.outbox[-1].body


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (86_400, 1440)])
def test_a_mail_promises_no_shorter_wait_than_its_link_has(ada, settings, seconds, minutes):
    settings.TOTP_RECOVERY_DELAY = seconds

    request_recovery(ada.email)

    assert f"wait {minutes} minutes," in mail.outbox[-1].body
