"""What a site does all day, and whether all of it is whole after something has gone wrong.

Whoever was answered was answered the truth; whoever was not may find either state, and no other.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from benchmarks.stacks import Call

from torture import people
from torture.bench import Bench
from torture.people import Person, code, step_now, wrong_codes
from torture.verdicts import Answer

__all__ = ["LOST", "Traffic"]

LOST = Answer(0)
_GUESSES = 3


class Traffic:
    """Calls by users of whom each does one thing: `each` users for each thing."""

    def __init__(self, bench: Bench, each: int) -> None:
        self._bench, self._step = bench, step_now() + 1
        self._logging_in = people.enrolled(each, backup_codes=1)
        self._redeeming = people.enrolled(each, backup_codes=1)
        self._guessed = people.enrolled(each, backup_codes=1)
        self._rotating = people.enrolled(each)
        self._confirming = people.with_pending(each)
        self._creating = people.fresh(each)
        groups = (self._logins(), self._redemptions(), self._guesses(), self._changes())
        self.calls: list[Call] = list(chain(*zip(*map(list, groups), strict=True)))

    def _proof(self, person: Person, **proof: object) -> Call:
        return self._bench.second_step(person.challenge(), **proof)

    def _logins(self) -> Iterator[Call]:
        for person in self._logging_in:
            yield from [self._proof(person, otp_code=code(self._step))] * _GUESSES

    def _redemptions(self) -> Iterator[Call]:
        for person in self._redeeming:
            yield from [self._proof(person, backup_code=person.backup_codes[0])] * _GUESSES

    def _guesses(self) -> Iterator[Call]:
        for person in self._guessed:
            challenge = person.challenge()
            for wrong in wrong_codes(_GUESSES):
                yield self._bench.second_step(challenge, otp_code=wrong)

    def _changes(self) -> Iterator[Call]:
        sharing = zip(self._rotating, self._confirming, self._creating, strict=True)
        for rotating, confirming, creating in sharing:
            yield self._change(
                "rotate_backup_codes", rotating, backup_code=rotating.backup_codes[0]
            )
            yield self._change("confirm", confirming, input_code=code(self._step))
            yield self._change("create", creating)

    def _change(self, path: str, person: Person, **body: object) -> Call:
        return self._bench.call(f"totp/{path}/", body, token=self._bench.token_of(person))

    def claims(self, answers: Sequence[Answer]) -> dict[str, bool]:
        """Return what must hold now that `answers` came for the calls, in their order."""
        logins, redemptions, guesses, changes = (list(answers[n::4]) for n in range(4))
        return {
            "a code was accepted twice": self._once(self._logging_in, logins),
            "a backup code was accepted twice": self._once(
                self._redeeming, redemptions, paper=True
            ),
            "a failure was not counted": self._counted(guesses),
            "somebody has half a sheet of codes": self._whole(changes),
            "somebody is half enrolled": not people.half_enrolled(
                self._confirming + self._creating
            ),
            "what was answered did not last": self._lasted(changes),
        }

    def _once(
        self, owners: Sequence[Person], answers: Sequence[Answer], *, paper: bool = False
    ) -> bool:
        """Whether each proof, sent twice more, was good for one login in all.

        Who was let in without hearing of it is in the database and not in `answers`. One of the
        calls before may still be on its way, and use up the proof first.
        """
        used = self._used(owners, paper=paper)
        again = [
            self._proof(person, **self._right(person, paper=paper))
            for person in owners
            for _ in range(2)
        ]
        later = self._bench.at_once(again)
        return all(self._used(owners, paper=paper)) and all(
            sum(answer.use_proof for answer in later[2 * n : 2 * n + 2]) <= (not was_used)
            and sum(a.use_proof for a in answers[_GUESSES * n : _GUESSES * (n + 1)]) <= was_used
            for n, was_used in enumerate(used)
        )

    def _used(self, owners: Sequence[Person], *, paper: bool) -> list[bool]:
        return [
            person.codes_left == 0 if paper else person.authenticator.last_step == self._step
            for person in owners
        ]

    def _right(self, person: Person, *, paper: bool) -> dict[str, object]:
        if paper:
            return {"backup_code": person.backup_codes[0]}
        return {"otp_code": code(self._step)}

    def _counted(self, answers: Sequence[Answer]) -> bool:
        """Whether each counter has what was answered, and not more than what was sent."""
        return all(
            sum(a.code == "invalid_code" for a in answers[_GUESSES * n : _GUESSES * (n + 1)])
            <= person.account.failures
            <= _GUESSES
            for n, person in enumerate(self._guessed)
        )

    def _whole(self, answers: Sequence[Answer]) -> bool:
        """Whether each sheet is new or the old one, of which the code that was sent may be used.

        The code is used up by a write of its own, before the codes are made.
        """
        rotated = zip(answers[0::3], self._rotating, strict=True)
        return all(
            person.codes_left in ({10} if answer.use_proof else {9, 10})
            for answer, person in rotated
        )

    def _lasted(self, answers: Sequence[Answer]) -> bool:
        """Whether those who were told that they are enrolled are, or that it is pending."""
        confirmed = zip(answers[1::3], self._confirming, strict=True)
        created = zip(answers[2::3], self._creating, strict=True)
        return all(
            not answer.use_proof or person.authenticator is not None for answer, person in confirmed
        ) and all(not answer.use_proof or person.pending is not None for answer, person in created)
