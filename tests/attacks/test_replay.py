"""A code that was seen, over a shoulder or by a phishing page, and is typed once more.

devise-two-factor CVE-2015-7225 and CVE-2021-43177, Gitea CVE-2021-45331 and CVE-2026-20779, OpenBao
CVE-2025-55003, Laravel Fortify CVE-2022-25838, Filament CVE-2025-67507, django-mfa2 CVE-2022-42731.
"""

from datetime import datetime

import pytest

from tests.contract.errors import INVALID_CODE
from tests.support.credentials import Bearer
from tests.support.doors import DrfDoor, NinjaDoor

RESPELLED = {
    "the same": lambda code: code,
    "a space before": lambda code: f" {code}",
    "a newline after": lambda code: f"{code}\n",
    "a space in the middle": lambda code: f"{code[:3]} {code[3:]}",
    "a hyphen in the middle": lambda code: f"{code[:3]}-{code[3:]}",
}


def log_in(person, **proof):
    return person.answer_challenge(person.challenge(), **proof)


@pytest.fixture(params=RESPELLED.values(), ids=RESPELLED.keys())
def respelled(request):
    return request.param


def test_a_code_does_not_log_in_twice_however_it_is_spelled(ada, respelled):
    code = ada.code()
    first = log_in(ada, otp_code=code)

    again = log_in(ada, otp_code=respelled(code))

    assert (first.status, again.outcome) == (200, INVALID_CODE)


def test_a_code_does_not_log_in_again_in_the_next_step(ada, clock):
    code = ada.code()
    log_in(ada, otp_code=code)
    clock.advance(30)

    assert log_in(ada, otp_code=code).outcome == INVALID_CODE


def test_the_code_of_the_step_before_is_used_up_too(ada):
    log_in(ada, otp_code=ada.code())

    assert log_in(ada, otp_code=ada.code(steps=-1)).outcome == INVALID_CODE


def test_a_code_of_the_step_to_come_uses_up_the_present_one(ada):
    log_in(ada, otp_code=ada.code(steps=1))

    assert log_in(ada, otp_code=ada.code()).outcome == INVALID_CODE


@pytest.mark.parametrize(
    "path", ["totp/verify/", "totp/disable/", "totp/rotate_backup_codes/", "totp/replace/"]
)
def test_a_code_that_logged_in_is_good_for_nothing_else(client, ada, path):
    code = ada.code()
    credential = Bearer(log_in(ada, otp_code=code).json["access"])

    answer = client.post(path, {"otp_code": code, "input_code": code}, credential)

    assert answer.outcome == INVALID_CODE


@pytest.mark.parametrize(("first", "second"), [(NinjaDoor, DrfDoor), (DrfDoor, NinjaDoor)])
def test_a_code_used_at_one_door_is_used_up_at_the_other(owner, first, second):
    code = owner.code()
    owner.door = first()
    accepted = log_in(owner, otp_code=code)
    owner.door = second()

    assert (accepted.status, log_in(owner, otp_code=code).outcome) == (200, INVALID_CODE)


def test_a_backup_code_does_not_log_in_twice(ada):
    code = ada.backup_codes[0]
    first = log_in(ada, backup_code=code)

    again = log_in(ada, backup_code=code.lower().replace("-", " "))

    assert (first.status, again.outcome) == (200, INVALID_CODE)


def test_a_code_that_was_wrong_does_not_become_right_by_repetition(ada, clock):
    code = ada.code(steps=3)
    outcomes = [log_in(ada, otp_code=code).outcome for _ in range(2)]

    assert outcomes == [INVALID_CODE] * 2


def test_a_clock_that_is_set_back_revives_no_code(ada, clock):
    seen = [ada.code(steps=steps) for steps in (-1, 0, 1)]
    log_in(ada, otp_code=ada.code(steps=1))
    clock.advance(-30)

    outcomes = [log_in(ada, otp_code=code).outcome for code in seen]

    assert outcomes == [INVALID_CODE] * 3


def test_a_clock_that_ran_ahead_lets_nobody_in_until_it_is_reached(ada, clock):
    clock.advance(3600)
    log_in(ada, otp_code=ada.code())
    clock.advance(-3600)
    too_early = log_in(ada, otp_code=ada.code())
    clock.advance(3630)

    assert too_early.outcome == INVALID_CODE
    assert log_in(ada, otp_code=ada.code()).status == 200


def test_a_clock_that_is_set_back_shortens_no_lock(ada, clock):
    ada.fail(5)
    clock.advance(-3600)
    still_locked = log_in(ada, otp_code=ada.code())

    assert still_locked.status == 429
    assert still_locked.json["retry_after"] == 3630


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize("change", ["2027-03-28T01:00", "2027-10-31T01:00"])
def test_a_change_to_or_from_summer_time_is_no_change_of_the_clock(
    ada, clock, settings, use_tz, change
):
    settings.USE_TZ, settings.TIME_ZONE = use_tz, "Europe/Berlin"
    clock.seconds = int(datetime.fromisoformat(f"{change}+00:00").timestamp()) - 15

    before = log_in(ada, otp_code=ada.code())
    clock.advance(30)
    after = log_in(ada, otp_code=ada.code())

    assert [before.status, after.status] == [200, 200]
