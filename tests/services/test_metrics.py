"""Counters for Prometheus: what happened, by whose library."""

import pytest
from django.dispatch import Signal
from prometheus_client import REGISTRY, generate_latest

from ninja_totp import signals
from ninja_totp.services import disable_totp, verify_totp_code
from tests.support.clock import StoppedClock
from tests.support.doors import NinjaDoor
from tests.support.people import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counted():
    """A function that says how often an event was counted since the test began."""
    from ninja_totp import metrics

    every = [one for one in vars(signals).values() if isinstance(one, Signal)]
    for signal in every:
        signal.connect(metrics.count_event)

    def value(event, **labels):
        about = {"event": event, "method": "", "api": ""} | labels
        return REGISTRY.get_sample_value("ninja_totp_events_total", about) or 0

    metrics.EVENTS.clear()
    yield value
    for signal in every:
        signal.disconnect(metrics.count_event)


def test_attempts_and_locks_are_counted(owner, counted):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert counted("totp_failed", method="otp") == 5
    assert counted("totp_locked", method="otp") == 1
    assert counted("totp_verified", method="otp") == 0


def test_a_replay_is_counted(owner, clock, counted):
    clock.advance(30)
    code = owner.authenticator.code()
    verify_totp_code(owner.user, code)
    verify_totp_code(owner.user, code)

    assert counted("totp_verified", method="otp") == 1
    assert counted("totp_replayed", method="otp") == 1


def test_an_enrolment_is_counted_at_its_api(counted, monkeypatch, settings):
    settings.TOTP_THROTTLE_RATE = None
    Person(NinjaDoor(), StoppedClock().install(monkeypatch), "grace").enrol()

    assert counted("totp_created", api="ninja") == 1
    assert counted("totp_verified", method="otp", api="ninja") == 1


def test_every_signal_has_its_name(owner, counted):
    for signal, name in signals.NAMES.items():
        signals.announce(signal, user=owner.user, request=None)
        assert counted(name) == 1


def test_no_user_is_in_the_numbers(owner, counted):
    disable_totp(owner.user)

    text = generate_latest().decode()

    assert 'ninja_totp_events_total{api="",event="totp_disabled",method=""} 1.0' in text
    assert owner.user.get_username() not in text
