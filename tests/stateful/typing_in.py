"""What people type where a code is asked for, and whether it may be accepted.

Right is what the history says: a code of the factor that is asked for, of a step near now and newer
than any that was used; a backup code of the last list that was not used yet.
"""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.stateful.history import PERIOD, Account, Factor, Typed
from tests.support.people import code_of, wrong_code_of

__all__ = ["CODES", "PROOFS", "SINGLE_PROOFS", "typed", "typed_code", "typed_for"]

# Mostly right ones, or nothing would ever come to pass.
_USUAL = ["now"] * 6 + ["before", "next", "next"]
# Of the newest authenticator beside the oldest, or of the latter where that is the only one.
_USUAL += ["spare now", "spare now", "spare next"]
_OTHERS = ["long ago", "to come", "wrong", "wrong", "former", "pending", "others"]
CODES = st.sampled_from([*_USUAL, *_OTHERS])
SINGLE_PROOFS = st.one_of(CODES, st.sampled_from(["backup", "used backup", "others' backup"]))
PROOFS = st.one_of(SINGLE_PROOFS, st.sampled_from(["pair", "old pair", "spare pair", "mixed pair"]))
_OFFSETS = {"now": 0, "before": -1, "next": 1, "long ago": -2, "to come": 2, "pair": 0}


def typed(account: Account, other: Account, how: str, now: int) -> Typed:
    """Return what is typed as a proof of the factor in use."""
    if how.endswith("backup"):
        return _backup_code(account, other, how)
    if how.endswith("pair"):
        return _pair(account, how, now)
    spare = account.others[-1] if account.others else account.factor
    factor = spare if how.startswith("spare") else account.factor
    proof = typed_for(factor, account, other, how.removeprefix("spare "), now)
    for one in account.authenticators:
        steps = one.steps_of(proof.body["otp_code"], now)
        if one.accepts(steps):
            return replace(proof, is_right=True, step=max(steps), accepted_by=one)
    return replace(proof, is_right=False)


def typed_for(factor: Factor | None, account: Account, other: Account, how: str, now: int) -> Typed:
    """Return a code that is typed for `factor`, whose code it may be or not."""
    secret = _secret(factor, account, other, how)
    at = now + _OFFSETS.get(how, 0) * PERIOD
    code = "123456" if secret is None else code_of(secret, at)
    if how == "wrong" and secret is not None:
        code = wrong_code_of(secret, now)
    return typed_code(factor, code, now)


def typed_code(factor: Factor | None, code: str, now: int) -> Typed:
    """Return `code` as it is typed for `factor`."""
    steps = factor.steps_of(code, now) if factor is not None else []
    is_right = factor is not None and factor.accepts(steps)
    return Typed({"otp_code": code}, "otp", is_right, max(steps, default=0))


def _secret(factor: Factor | None, account: Account, other: Account, how: str) -> str | None:
    chosen: dict[str, Factor | None] = {
        "former": account.former[-1] if account.former else None,
        "pending": account.pending,
        "others": other.factor,
    }
    found = chosen.get(how, factor)
    return found.secret if found is not None else None


def _pair(account: Account, how: str, now: int) -> Typed:
    newest = account.authenticators[-1] if account.others else account.factor
    factor = newest if how == "spare pair" else account.factor
    newer = now // PERIOD - (how == "old pair") * 2
    if factor is None:
        return Typed({"otp_codes": ["123456", "654321"]}, "otp", is_right=False, is_pair=True)
    # The older code may be of another authenticator than the newer one: that proves nothing.
    older = newest if how == "mixed pair" and newest is not None else factor
    codes = [code_of(one.secret, at * PERIOD) for one, at in ((older, newer - 1), (factor, newer))]
    is_right = how != "old pair" and older is factor and factor.accepts([newer - 1])
    return Typed({"otp_codes": codes}, "otp", is_right, newer, is_pair=True, accepted_by=factor)


def _backup_code(account: Account, other: Account, how: str) -> Typed:
    lists: dict[str, Any] = {
        "backup": sorted(account.codes),
        "used backup": account.used_codes[-1:],
        "others' backup": sorted(other.codes),
    }
    code = next(iter(lists[how]), "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF")
    return Typed({"backup_code": code}, "backup_code", is_right=code in account.codes)
