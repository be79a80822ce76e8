"""One site, seen through one of its doors: what every attack is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json import dumps, loads
from typing import Any

from benchmarks.stacks import Call, address, bearer, load_stack

from torture import people
from torture.client import send, volley
from torture.people import PASSWORD, Person, code, step_now
from torture.sites import Site
from torture.verdicts import Answer, Finding

__all__ = ["DOORS", "Attack", "Bench"]

DOORS = ("ninja", "drf")


@dataclass(frozen=True)
class Bench:
    """A door of a running site. `crowd` is how many send at once."""

    site: Site
    door: str
    crowd: int

    def call(self, path: str, body: object = None, *, token: str = "") -> Call:
        """Return a POST to `path` of this door, from an address that nobody had before."""
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address()}
        return Call(
            f"/{self.door}/{path}",
            "{}" if body is None else dumps(body),
            headers=headers | (bearer(token) if token else {}),
        )

    def second_step(self, challenge: str, **proof: object) -> Call:
        """Return the second step of a login."""
        return self.call("jwt/totp/verify/", {"totp_challenge_token": challenge} | proof)

    def first_step(self, person: Person, **more: object) -> Call:
        """Return the first step of a login, with the right password."""
        return self.call("jwt/create/", {"username": person.name, "password": PASSWORD} | more)

    def at_once(self, calls: Sequence[Call]) -> list[Answer]:
        """Send all `calls` at the same moment."""
        return volley(self.site.port, calls)

    def send(self, call: Call) -> Answer:
        """Send one call."""
        return send(self.site.port, call)

    def logged_in(self, person: Person) -> str:
        """Log in with both factors, by the code of this moment; return the access token."""
        answer = self.send(self.second_step(person.challenge(), otp_code=code(step_now())))
        return str(json_of(answer)["access"])

    def with_password(self, person: Person) -> str:
        """Log in somebody who has no second factor yet; return the access token."""
        return str(json_of(self.send(self.first_step(person)))["access"])

    def token_of(self, person: Person) -> str:
        """Return a token of somebody who gave a password, made without asking the server."""
        stack: Any = load_stack("ninja_totp" if self.door == "ninja" else "drf_compat")
        return str(stack.access_token(person.user))

    def owner(self) -> Person:
        """Return a new user with a second factor."""
        return people.enrolled()[0]


Attack = Callable[[Bench], Finding]


def json_of(answer: Answer) -> Any:
    """Return the parsed body. ValueError when the answer is no success."""
    if not answer.use_proof:
        raise ValueError(f"{answer.status}: {answer.body[:300]!r}")
    return loads(answer.body)
