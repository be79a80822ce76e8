"""What a project writes in its tests and in its own tools. Type-checked, never run."""

from datetime import datetime
from typing import assert_type

from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from drf_compat.testing import verified_api_client
from ninja_totp.http.issuers import NinjaJWT
from ninja_totp.services import (
    Audience,
    AudienceReport,
    FactorState,
    KeyUsage,
    LockState,
    Pruned,
    Reencrypted,
    ainspect_totp,
    inspect_totp,
    prune_totp,
    reencrypt_totp,
    reset_totp,
    totp_keys,
    totp_report,
    unlock_totp,
)
from ninja_totp.testing import (
    Enrolment,
    FrozenClock,
    LogWatch,
    assert_no_secrets_logged,
    current_code,
    enroll,
    frozen_clock,
    verified_client,
    verified_headers,
)


def in_tests(user: User, moment: datetime) -> None:
    """Every helper, as the page about testing shows it."""
    enrolment = assert_type(enroll(user), Enrolment)
    assert_type(current_code(enrolment, at=moment), str)
    assert_type(current_code(user), str)
    assert_type(enrolment.wrong_code(), str)
    with frozen_clock() as clock, assert_no_secrets_logged(enrolment, "a text") as watch:
        assert_type(clock, FrozenClock)
        assert_type(watch, LogWatch)
    assert_type(verified_client(enrolment), Client)
    assert_type(verified_client(user, client=APIClient()), APIClient)
    assert_type(verified_headers(user, issuer=NinjaJWT()), dict[str, str])
    assert_type(verified_api_client(enrolment, session=True), APIClient)


async def in_tools(user: User) -> None:
    """The use cases for operators."""
    reset_totp(user, actor="support", reason="lost the phone")
    unlock_totp(user, actor="support", reason="called", forgive_clock=True)
    state = assert_type(inspect_totp(user), FactorState)
    assert_type(state.lock, LockState | None)
    assert_type(await ainspect_totp(user), FactorState)
    assert_type(totp_report(Audience(group="support")), list[AudienceReport])
    assert_type(totp_keys(), list[KeyUsage])
    assert_type(reencrypt_totp(on_progress=lambda so_far: so_far.codes), Reencrypted)
    assert_type(prune_totp(older_than_seconds=0), Pruned)
