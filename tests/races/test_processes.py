"""The same crowds, spread over processes that share nothing but PostgreSQL."""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from ninja_totp import clock as real_clock
from tests.support.cast import WRONG_BACKUP_CODE, enrolled

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROCESSES, THREADS = 4, 10


class Contestants:
    """Some worker processes."""

    def __init__(self, processes):
        self._processes = processes

    def outcomes(self, owner, **proof):
        """What came of it when each thread of each process typed `proof` for its own challenge."""
        for process in self._processes:
            challenges = [owner.open_challenge() for _ in range(THREADS)]
            process.task = json.dumps({"challenges": challenges, "proof": proof})
        for process in self._processes:
            process.stdin.write(f"{process.task}\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for process in self._processes]
        return Counter(outcome for answer in answers for outcome in answer)


@pytest.fixture(scope="module")
def contestants(django_db_setup):
    """Start the workers, and wait until each of them is ready."""
    database = {"TOTP_TEST_DATABASE_NAME": connection.settings_dict["NAME"]}
    command = [sys.executable, "-m", "tests.races.contestant"]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=Path(__file__).parents[2],
                    env=os.environ | database,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(PROCESSES)
        ]
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * PROCESSES
        yield Contestants(processes)


@pytest.fixture
def owner(ada, contestants):
    """Ada, enrolled a moment ago by the real clock."""
    return enrolled(ada, real_clock)


def test_one_code_logs_in_once(owner, contestants):
    code_after_that_of_the_enrolment = owner.authenticator.code(1)

    outcomes = contestants.outcomes(owner, otp_code=code_after_that_of_the_enrolment)

    assert outcomes == {"CompletedLogin": 1, "InvalidCode": 5, "Locked": 34}


def test_one_backup_code_logs_in_once(owner, contestants):
    outcomes = contestants.outcomes(owner, backup_code=owner.backup_codes[0])

    assert outcomes == {"CompletedLogin": 1, "InvalidCode": 5, "BackupCodesLocked": 34}


@pytest.mark.parametrize(
    ("proof", "lock"),
    [
        ({"otp_code": "000000"}, "Locked"),
        ({"backup_code": WRONG_BACKUP_CODE}, "BackupCodesLocked"),
    ],
)
def test_five_of_forty_guesses_are_looked_at(owner, contestants, proof, lock):
    outcomes = contestants.outcomes(owner, **proof)

    assert outcomes == {"InvalidCode": 5, lock: 35}
