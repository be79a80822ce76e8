"""A second factor through whatever order of events: see `machine.py` for what must hold."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.actors import DEVICE_MAX_AGE
from tests.stateful.machine import Histories
from tests.support.breadth import breadth
from tests.support.clock import StoppedClock


def number():
    """How many histories to look through; CONTRIBUTING says how to ask for more."""
    return int(os.environ.get("TOTP_TEST_HISTORIES", breadth(8, thorough=60)))


@pytest.fixture
def _site(db, settings, monkeypatch):
    """A site that trusts devices, mails at once and lets nobody wait; its clock stands still."""
    settings.TOTP_THROTTLE_RATE = None
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = DEVICE_MAX_AGE
    settings.TOTP_RECOVERY_DISPATCHER = "ninja_totp.emails.at_once"
    monkeypatch.setattr(Histories, "clock", StoppedClock().install(monkeypatch), raising=False)


@pytest.mark.slow
@pytest.mark.usefixtures("_site")
def test_no_history_leads_to_a_standing_that_it_does_not_justify():
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=number(), stateful_step_count=40, suppress_health_check=list(HealthCheck)
        ),
    )
