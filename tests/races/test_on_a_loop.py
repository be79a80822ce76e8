"""Requests on one running event loop, as an ASGI server has it: what is only true there."""

import asyncio
import json
import sys
from contextlib import suppress
from functools import partial
from itertools import count

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from django.test import AsyncClient

from ninja_totp.models import Account
from ninja_totp.services import generate_challenge_token
from tests.http.calls import CALLS
from tests.support.doors import DrfDoor, NinjaDoor
from tests.support.people import Person

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

CROWD = 40
SECOND_STEP = "jwt/totp/verify/"


@pytest_asyncio.fixture(autouse=True)
async def _thread_of_the_loop():
    """Close the connections of the thread to which a loop sends, or no database can be dropped."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(params=[NinjaDoor, DrfDoor], ids=["ninja", "drf"])
def ada(request, transactional_db, clock, settings):
    """The owner of an authenticator."""
    settings.TOTP_THROTTLE_RATE = None
    ada = Person(request.param(), clock, "ada")
    ada.enrol()
    return ada


def post(ada, path, body):
    """A request that has not been sent yet."""
    url, text = ada.door.prefix + path, json.dumps(body)
    return AsyncClient().post(url, data=text, content_type="application/json")


@sync_to_async
def challenges_of(ada, number):
    """Open so many challenges, one after the other."""
    with transaction.atomic():
        return [generate_challenge_token(ada.user) for _ in range(number)]


async def at_once(requests):
    """The answers to requests that share the loop."""
    return await asyncio.gather(*requests)


async def test_of_forty_logins_by_one_code_one_succeeds(ada):
    challenges, code = await challenges_of(ada, CROWD), ada.next_code()

    answers = await at_once(
        post(ada, SECOND_STEP, {"totp_challenge_token": challenge, "otp_code": code})
        for challenge in challenges
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {400, 429}


async def test_of_forty_answers_to_one_challenge_one_succeeds(ada):
    (challenge,) = await challenges_of(ada, 1)
    body = {"totp_challenge_token": challenge, "otp_code": ada.next_code()}

    answers = await at_once(post(ada, SECOND_STEP, body) for _ in range(CROWD))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == CROWD - 1
    assert {answer.json()["code"] for answer in refused} <= {"invalid_challenge", "invalid_code"}


async def test_of_forty_guesses_five_are_looked_at(ada):
    challenges = await challenges_of(ada, CROWD)

    answers = await at_once(
        post(ada, SECOND_STEP, {"totp_challenge_token": one, "otp_code": ada.wrong_code()})
        for one in challenges
    )

    codes = [answer.json()["code"] for answer in answers]
    assert (codes.count("invalid_code"), codes.count("locked")) == (5, CROWD - 5)


async def test_forty_first_steps_are_answered_each(ada):
    body = {"username": ada.name, "password": ada.password}

    answers = await at_once(post(ada, "jwt/create/", body) for _ in range(CROWD))

    assert len({answer.json()["totp_challenge_token"] for answer in answers}) == CROWD


class CancelledAt:
    """A coroutine whose task is cancelled while it waits for the `number`th time."""

    def __init__(self, coroutine, number):
        self.coroutine, self.number, self.waited = coroutine, number, 0

    def __await__(self):
        steps = self.coroutine.__await__()
        outcome = partial(next, steps)
        while True:
            try:
                waits_for = outcome()
            except StopIteration as done:
                return done.value
            self.waited += 1
            if self.waited == self.number:
                asyncio.current_task().cancel()
            try:
                yield waits_for
                outcome = partial(next, steps)
            except BaseException as error:  # noqa: BLE001 - the cancellation, or what it waits for
                outcome = partial(steps.throw, error)


async def cancelled_at(number, coroutine):
    """Whether a request came so far as to wait for the `number`th time; there it is cancelled."""
    request = CancelledAt(coroutine, number)

    async def run():
        return await request

    with suppress(asyncio.CancelledError):
        await asyncio.create_task(run())
    return request.waited >= number


async def test_a_cancelled_second_step_has_happened_or_has_not(ada):
    for number in count(1):
        (challenge,) = await challenges_of(ada, 1)
        body = {"totp_challenge_token": challenge, "otp_code": ada.next_code()}

        was_cancelled = await cancelled_at(number, post(ada, SECOND_STEP, body))

        again = await post(ada, SECOND_STEP, body)
        # Half of it would be a used code with an open challenge: "invalid_code".
        assert again.status_code == 200 or again.json()["code"] == "invalid_challenge"
        assert not await sync_to_async(lambda: connection.in_atomic_block)()
        if not was_cancelled:
            break

    assert number > 1
    assert again.status_code == 400


async def test_a_cancelled_guess_is_charged_once_or_was_not_looked_at(ada):
    for number in count(1):
        (challenge,) = await challenges_of(ada, 1)
        body = {"totp_challenge_token": challenge, "otp_code": ada.wrong_code()}
        await Account.objects.aupdate(failures=0)

        was_cancelled = await cancelled_at(number, post(ada, SECOND_STEP, body))

        charged = (await Account.objects.aget()).failures
        assert charged in {0, 1}
        if not was_cancelled:
            break

    assert number > 1
    assert charged == 1


class Loop:
    """What the thread of a loop does: the files of the functions that it calls, and how many."""

    def __init__(self):
        self.files, self.most, self._calls = set(), 0, 0

    def __call__(self, frame, event, _):
        if event != "call":
            return
        code = frame.f_code
        self.files.add(code.co_filename)
        self._calls = 0 if code is asyncio.Handle._run.__code__ else self._calls + 1
        self.most = max(self.most, self._calls)

    def __enter__(self):
        sys.setprofile(self)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)


# Where time goes: statements, ciphers, codes, drawings, passwords, and the use cases around them.
_HEAVY = (
    *("/ninja_totp/services/", "/ninja_totp/models/", "/ninja_totp/transactions.py"),
    *(f"/ninja_totp/core/{name}.py" for name in ("backup_codes", "encryption", "otp")),
    *("/ninja_totp/core/provisioning.py", "/segno/", "/django/contrib/auth/hashers.py"),
    *("/django/db/models/sql/", "/django/db/backends/"),
)
# A function call takes a tenth to a quarter of a microsecond, so these take less than 5 ms.
MOST_CALLS = 20_000


@pytest.fixture
def newcomer(transactional_db, clock, settings):
    """Somebody who has no second factor yet."""
    settings.TOTP_THROTTLE_RATE = None
    return Person(NinjaDoor(), clock, "ada")


# Of the Ninja API: Django runs every view of REST framework in a thread as a whole.
@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_no_call_holds_the_loop(newcomer, call):
    request = await sync_to_async(call.prepare)(newcomer)
    method, _, path = call.name.partition(" ")
    url = newcomer.door.prefix + (request.path or path)
    body = b"" if request.body is None else json.dumps(request.body).encode()
    headers, client = dict(request.credential.headers), AsyncClient()
    client.cookies.load(headers.pop("Cookie", ""))
    sent = client.generic(
        *(method, url, body),
        content_type="application/json" if body else "",
        headers=headers,
    )

    with Loop() as loop:
        answer = await sent

    assert answer.status_code in {200, 201, 204}
    assert [name for name in sorted(loop.files) if any(part in name for part in _HEAVY)] == []
    assert loop.most < MOST_CALLS
