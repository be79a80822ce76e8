"""`manage.py totp_status`: the state of one user's second factor."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ninja_totp import clock
from ninja_totp.conf import get_settings
from ninja_totp.management.operating import UserCommand, name_of, printable
from ninja_totp.models.users import login_name_of
from ninja_totp.services import FactorState, LockState, inspect_totp

_REASONS = {
    "burst": "too many wrong ones in a row",
    "budget": "too many wrong ones in the last weeks",
    "cap": "far too many wrong ones in a row",
}


class Command(UserCommand):
    help = "Show the state of a user's 2FA. Changes nothing and shows no secret."
    remarks = """
What to do: totp_unlock ends a lock, totp_reset resets 2FA after a lost phone. A lock with an end
needs no action: it ends by itself, or with two consecutive codes at login.
"""
    examples = {
        "totp_status ada": "the user with the login name ada",
        "totp_status --key 17 --json": "by primary key, for a script",
    }
    exit_codes = {0: "shown, whatever the state is"}

    def run(self, options: dict[str, Any]) -> None:
        user = self.user(options)
        state = inspect_totp(user)
        facts = {"user": str(user.pk), "name": login_name_of(user), **asdict(state)}
        whom = ("user", f"{name_of(user)} (key {printable(str(user.pk))})")
        lines = (f"{title:<15} {text}" for title, text in (whom, *_lines(state)))
        self.show(options, facts, *lines)


def _lines(state: FactorState) -> Iterator[tuple[str, str]]:
    if state.confirmed_at:
        yield "second factor", f"on since {_at(state.confirmed_at)}"
    else:
        since = state.disabled_at and f"off since {_at(state.disabled_at)}"
        yield "second factor", since or "never set up"
    if state.pending_until:
        yield "enrolment", f"started; can be confirmed until {_at(state.pending_until)}"
    for number, name in enumerate(state.authenticators):
        yield "" if number else "authenticators", printable(name)
    if state.last_used_at:
        yield "last used", _at(state.last_used_at)
    yield "codes", _lock(state.lock, state.failures)
    yield "backup codes", f"{state.codes_left} left, {state.codes_used} used"
    yield "", _lock(state.backup_lock, state.backup_failures)
    if state.key_id:
        yield "encryption key", _key(state)
    if state.clock_ahead_seconds:
        text = (
            f"a code from {state.clock_ahead_seconds} seconds in the future was used: a server's "
            "clock was ahead, and no code is accepted until then (totp_unlock --forgive-clock)"
        )
        yield "clock", text


def _lock(lock: LockState | None, failures: int) -> str:
    if lock is None:
        return f"not locked ({failures} wrong since the last right one)"
    until = _at(lock.until) if lock.until else "staff unlock it (totp_unlock)"
    return f"LOCKED until {until}: {_REASONS[lock.reason]} ({failures})"


def _key(state: FactorState) -> str:
    if not state.key_is_known:
        return f"{state.key_id}, which is NOT in TOTP_ENCRYPTION_KEY: the user cannot log in"
    return f"{state.key_id}, number {get_settings().key_ring.key_ids.index(state.key_id) + 1}"


def _at(moment: datetime) -> str:
    return clock.in_utc(moment).isoformat(sep=" ", timespec="seconds")
