"""Asking again and again, by whoever knows the address or reads the mailbox."""

import re

import pytest
from django.core import mail

from ninja_totp.core.errors import InvalidRecovery, InvalidRecoveryPassword, RecoveryNotYet
from ninja_totp.models import Challenge
from ninja_totp.services import (
    begin_login,
    cancel_recovery,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    generate_recovery_link,
    is_totp_enabled,
    request_recovery,
)
from ninja_totp.services.recovery.links import new_link
from tests.support.breadth import breadth
from tests.support.cast import NEW_PASSWORD, PASSWORD, Authenticator

ADDRESS = "ada@example.org"
DAY = 86_400
# From one request to the next. Where only their sum counts, a few bring as many mails as many do.
MINUTES = breadth(20, thorough=5)
LINK = re.compile("/totp-recovery/([^/]+)/([0-9a-f]+)")


@pytest.fixture
def flood(ada, clock):
    """A function that asks every few minutes, and returns in which of them a mail came."""

    def ask_for(seconds, *, every=5):
        minutes = []
        for minute in range(0, seconds // 60, every):
            before = len(mail.outbox)
            request_recovery(ADDRESS)
            if len(mail.outbox) > before:
                minutes.append(minute)
            clock.advance(every * 60)
        return minutes

    return ask_for


def newest_link():
    return LINK.search(mail.outbox[-1].body).groups()


def guess(link):
    """Try wrong passwords until the link takes no more, and return how many it took."""
    for number in range(100):
        try:
            confirm_recovery(*link, f"wrong {number}", new_password=NEW_PASSWORD)
        except InvalidRecoveryPassword:
            continue
        except InvalidRecovery:
            return number
    return 100


@pytest.fixture(params=[0, 2 * 3600])
def delay(request, settings):
    """How long a link waits."""
    settings.TOTP_RECOVERY_DELAY = request.param
    return request.param


@pytest.mark.parametrize("seconds_open", [0, 1800, 3599])
def test_a_flood_of_requests_ends_no_link(clock, link_of, flood, delay, seconds_open):
    link = link_of()
    flood(delay + seconds_open - seconds_open % 300)
    clock.advance(seconds_open % 300)

    confirm_recovery(*link, PASSWORD, new_password=NEW_PASSWORD)

    with pytest.raises(InvalidRecovery):
        confirm_recovery(*link, PASSWORD, new_password=NEW_PASSWORD)


def test_a_request_right_after_the_wait_does_not_start_it_again(ada, clock, link_of, settings):
    settings.TOTP_RECOVERY_DELAY = DAY
    link = link_of()
    with pytest.raises(RecoveryNotYet):
        confirm_recovery(*link, PASSWORD, new_password=NEW_PASSWORD)
    clock.advance(DAY)
    request_recovery(ADDRESS)

    confirm_recovery(*link, PASSWORD, new_password=NEW_PASSWORD)

    assert not is_totp_enabled(ada)


def test_who_lost_the_mail_is_mailed_another_one(ada, clock, link_of):
    link_of()
    clock.advance(300)

    confirm_recovery(*link_of(), PASSWORD, new_password=NEW_PASSWORD)

    assert not is_totp_enabled(ada)


def test_a_recovery_ends_the_other_links(ada, clock, link_of):
    first = link_of()
    clock.advance(300)
    confirm_recovery(*link_of(), PASSWORD, new_password=NEW_PASSWORD)

    with pytest.raises(InvalidRecovery):
        confirm_recovery(*first, PASSWORD, new_password=NEW_PASSWORD)


def test_cancelling_one_link_ends_all_of_them(ada, clock, link_of):
    first = link_of()
    clock.advance(300)
    second = link_of()
    cancel_recovery(*second)

    for link in (first, second):
        with pytest.raises(InvalidRecovery):
            confirm_recovery(*link, PASSWORD, new_password=NEW_PASSWORD)
    assert is_totp_enabled(ada)


def test_each_unused_link_doubles_the_cool_down_up_to_its_own_life(flood):
    assert flood(4 * 3600) == [0, 5, 15, 35, 75, 135, 195]


def test_a_day_of_asking_brings_27_mails_and_no_more(flood):
    assert len(flood(DAY, every=MINUTES)) == 27


def test_a_site_may_have_it_one_mail_a_day(flood, settings):
    settings.TOTP_RECOVERY_MAX_AGE = DAY

    assert [len(flood(DAY, every=MINUTES)) for _ in range(2)] == [9, 1]


def test_who_is_mailed_nothing_has_a_link_that_will_work(ada, clock, delay):
    seconds = breadth(197, thorough=97)
    for _ in range(19_400 // seconds):
        before = len(mail.outbox)
        request_recovery(ADDRESS)
        lives_until = max(Challenge.objects.values_list("expires_epoch", flat=True))
        assert len(mail.outbox) > before or lives_until > clock.now()
        clock.advance(seconds)


def test_who_reads_the_mailbox_tries_few_passwords(ada, clock):
    days = breadth(1, thorough=3)
    tried = []
    for _ in range(days):
        tried.append(0)
        for _ in range(0, DAY, MINUTES * 60):
            before = len(mail.outbox)
            request_recovery(ADDRESS)
            if len(mail.outbox) > before:
                tried[-1] += guess(newest_link())
            clock.advance(MINUTES * 60)

    assert tried == [40, 5, 5][:days]


def test_cancelling_brings_no_new_guesses(ada, clock, link_of):
    link = link_of()
    with pytest.raises(InvalidRecoveryPassword):
        confirm_recovery(*link, "wrong", new_password=NEW_PASSWORD)
    cancel_recovery(*link)
    clock.advance(599)
    request_recovery(ADDRESS)
    too_early = len(mail.outbox)
    clock.advance(1)
    request_recovery(ADDRESS)

    assert (too_early, len(mail.outbox)) == (1, 2)


def test_the_owners_login_does_not_make_the_attackers_wait_shorter(ada, clock, flood):
    flood(2 * 3600, every=20)
    known = Challenge.objects.count()

    begin_login(None, username="ada", password=PASSWORD)

    links = Challenge.objects.filter(purpose=Challenge.Purpose.RECOVERY)
    assert links.filter(expires_epoch__lt=clock.now()).exists()
    assert links.count() == known


@pytest.mark.parametrize("change", [{"password": "pbkdf2$x"}, {"email": ADDRESS.upper()}])
def test_who_ended_the_links_by_a_new_password_or_address_is_mailed_at_once(ada, flood, change):
    flood(2 * 3600, every=20)
    type(ada).objects.filter(pk=ada.pk).update(**change)
    mail.outbox.clear()

    assert flood(600) == [0, 5]


def test_a_recovery_forgets_how_often_was_asked(ada, clock, flood, link_of):
    flood(4 * 3600, every=20)
    confirm_recovery(*newest_link(), PASSWORD, new_password=NEW_PASSWORD)
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    confirm_totp_setup(ada, phone.code())
    mail.outbox.clear()

    assert flood(600) == [0, 5]


def test_a_week_forgets_it_as_well(clock, flood):
    flood(4 * 3600, every=20)
    clock.advance(3600 + 7 * DAY)

    assert flood(600) == [0, 5]
    assert Challenge.objects.count() == 2


def test_a_link_made_by_the_project_counts_as_well(ada, clock, flood):
    generate_recovery_link(ada)

    assert flood(1200) == [5, 15]


def test_a_project_waits_for_no_cool_down(ada):
    generate_recovery_link(ada)

    assert new_link(ada, is_asked_for=False) is not None
