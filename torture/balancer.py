"""Users who log in without a pause, at a pair of servers of which one may be out for a while.

It does what a proxy does in a rolling restart: a server that is taken out gets no new requests,
and is stopped when it has answered the old ones.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from time import sleep

from benchmarks.stacks import Call

from torture.bench import Bench, json_of
from torture.client import exchange
from torture.people import Person, code, step_now
from torture.verdicts import Answer

__all__ = ["Logins"]

_CLIENTS = 6
# One login of so many is by a backup code, as long as the user has one.
_ON_PAPER = 5


@dataclass
class _User:
    person: Person
    last_step: int = 0
    codes: list[str] = field(default_factory=list)


class Logins:
    """Logins in both steps, over all users in turn, until the context is left."""

    def __init__(self, bench: Bench, people: Iterable[Person]) -> None:
        self.answers: list[Answer] = []
        self._bench, self._numbers = bench, count()
        self._users = deque(_User(person, codes=list(person.backup_codes)) for person in people)
        self._busy: dict[int, int] = {}
        self._open: list[int] = []
        self._is_over = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))

    def __enter__(self) -> "Logins":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._thread.join()

    def put_in(self, port: int) -> None:
        """Send requests to `port` from now on."""
        self._busy.setdefault(port, 0)
        self._open.append(port)

    def take_out(self, port: int) -> None:
        """Send no more requests to `port`, and wait until it has answered those it has."""
        self._open.remove(port)
        while self._busy[port]:
            sleep(0.02)

    def wait_for(self, logins: int) -> None:
        """Wait until so many more have logged in, or failed to."""
        aim = len(self.answers) + logins
        while len(self.answers) < aim and self._thread.is_alive():
            sleep(0.1)

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(_CLIENTS):
                group.create_task(self._client())

    async def _client(self) -> None:
        while not self._is_over:
            user = self._users.popleft()
            step = max(user.last_step + 1, step_now())
            if step <= step_now() + 1:
                await self._log_in(user, step)
            else:  # everybody has used the codes of this moment
                await asyncio.sleep(0.1)
            self._users.append(user)

    async def _log_in(self, user: _User, step: int) -> None:
        first = await self._send(self._bench.first_step(user.person))
        if not first.use_proof:
            self.answers.append(first)
            return
        challenge = json_of(first)["totp_challenge_token"]
        on_paper = next(self._numbers) % _ON_PAPER == 0 and bool(user.codes)
        proof = {"backup_code": user.codes.pop()} if on_paper else {"otp_code": code(step)}
        if not on_paper:
            user.last_step = step
        self.answers.append(await self._send(self._bench.second_step(challenge, **proof)))

    async def _send(self, call: Call) -> Answer:
        port = self._open[next(self._numbers) % len(self._open)]
        self._busy[port] += 1
        try:
            return await exchange(port, call)
        finally:
            self._busy[port] -= 1
