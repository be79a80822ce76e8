"""Recovery when many want it at the same moment."""

import re
from functools import partial

import pytest
from django.core import mail

from ninja_totp.core.errors import InvalidRecovery
from ninja_totp.models import Challenge
from ninja_totp.services import (
    cancel_recovery,
    confirm_recovery,
    disable_totp,
    generate_recovery_link,
    is_totp_enabled,
    request_recovery,
)
from tests.races.starting_gun import accepted, at_once, refusals
from tests.support.cast import NEW_PASSWORD, PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]

CROWD = 20

_recover = partial(confirm_recovery, new_password=NEW_PASSWORD)
_LINK = re.compile("/totp-recovery/([^/]+)/([0-9a-f]+)")


def test_an_account_is_mailed_once_however_many_ask(ada):
    at_once([partial(request_recovery, ada.email)] * CROWD)

    assert len(mail.outbox) == 1
    assert Challenge.objects.count() == 1


def test_a_link_takes_five_passwords_however_many_are_tried(ada):
    link = generate_recovery_link(ada)

    outcomes = at_once([partial(_recover, link.uid, link.token, "wrong")] * CROWD)

    assert refusals(outcomes) == {"InvalidRecoveryPassword": 5, "InvalidRecovery": CROWD - 5}


def test_a_link_works_once_however_many_use_it(ada):
    link = generate_recovery_link(ada)

    outcomes = at_once([partial(_recover, link.uid, link.token, PASSWORD)] * CROWD)

    assert len(accepted(outcomes)) == 1
    assert len(mail.outbox) == 1


def test_whoever_cancels_and_whoever_confirms_do_not_both_win(ada):
    link = generate_recovery_link(ada)

    outcomes = at_once(
        [
            partial(_recover, link.uid, link.token, PASSWORD),
            partial(cancel_recovery, link.uid, link.token),
        ]
    )

    assert len(accepted(outcomes)) == 1


def test_the_owner_may_disable_at_the_same_moment(ada):
    link = generate_recovery_link(ada)

    at_once(
        [
            partial(_recover, link.uid, link.token, PASSWORD),
            partial(disable_totp, ada),
        ]
    )

    assert not is_totp_enabled(ada)


def test_whoever_cancels_by_another_link_and_whoever_confirms_do_not_both_win(ada, clock):
    request_recovery(ada.email)
    clock.advance(300)
    request_recovery(ada.email)
    first, second = (_LINK.search(message.body).groups() for message in mail.outbox)

    outcomes = at_once(
        [
            partial(_recover, *first, PASSWORD),
            partial(cancel_recovery, *second),
        ]
    )

    assert len(accepted(outcomes)) == 1


def test_a_new_address_at_the_same_moment_comes_before_or_after_the_recovery(ada):
    link = generate_recovery_link(ada)

    def move():
        type(ada).objects.filter(pk=ada.pk).update(email="lovelace@example.org")

    recovered, _ = at_once([partial(_recover, link.uid, link.token, PASSWORD), move])

    assert is_totp_enabled(ada) == isinstance(recovered, InvalidRecovery)
