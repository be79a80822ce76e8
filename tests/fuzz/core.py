"""Coverage-guided input for the pure core: `python -m tests.fuzz.core SECONDS`, or `make fuzz`.

It starts from nothing and keeps no corpus. Whatever a function raises but what its docstring names
ends the run with the input that did it.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import atheris

with atheris.instrument_imports(include=["ninja_totp.core"]):
    from ninja_totp.core import backup_codes, encryption, guessing, lockout, otp, provisioning

from cryptography.fernet import InvalidToken

_RING = encryption.KeyRing([encryption.new_key()])
_SECRET = otp.new_secret()
_USUAL = otp.OtpParameters()

_Input = Any  # atheris.FuzzedDataProvider, which has no types


def _code(given: _Input) -> None:
    text, at = given.ConsumeUnicode(80), given.ConsumeIntInRange(0, 2**40)
    canonical = otp.canonical_code(text, digits=6)
    assert canonical is None or (
        len(canonical) == 6 and canonical.isascii() and canonical.isdigit()
    )
    step = otp.matching_step(_SECRET, text, at=at, window=1, parameters=_USUAL)
    assert step is None or otp.code_at_step(_SECRET, step, _USUAL) == canonical
    otp.matching_pair(_SECRET, text, canonical or text, at=at, window=2, parameters=_USUAL)
    otp.clock_skew_seconds(_SECRET, text, at=at, window=1, parameters=_USUAL)


def _secret(given: _Input) -> None:
    with suppress(ValueError):
        code = otp.code_at_step(given.ConsumeUnicode(80), given.ConsumeInt(9), _USUAL)
        assert len(code) == 6


def _parameters(given: _Input) -> None:
    with suppress(ValueError):
        otp.OtpParameters(given.ConsumeInt(2), given.ConsumeInt(2), given.ConsumeUnicode(8))


def _backup_code(given: _Input) -> None:
    text = given.ConsumeUnicode(150)
    forms = backup_codes.stored_forms(text)
    assert all(form.isascii() and form.isprintable() for form in forms)
    assert all(form in backup_codes.stored_forms(form) for form in forms)


def _key(given: _Input) -> None:
    with suppress(encryption.InvalidKey):
        encryption.KeyRing([given.ConsumeUnicode(60), given.ConsumeBytes(60)])


def _seal(given: _Input) -> None:
    text, owner = given.ConsumeUnicode(80), given.ConsumeUnicode(20)
    assert _RING.open(_RING.seal(text, owner=owner), owner=owner) == text
    with suppress(encryption.SealBroken):
        raise AssertionError(_RING.open(text, owner=owner))
    with suppress(InvalidToken):
        raise AssertionError(_RING.decrypt(text))
    _RING.fingerprints(text, owner=owner)


def _uri(given: _Input) -> None:
    uri = provisioning.otpauth_uri(
        _SECRET,
        account=given.ConsumeUnicode(300),
        issuer=given.ConsumeUnicode(200),
        parameters=_USUAL,
    )
    assert uri.isascii()
    assert provisioning.qr_svg(uri, title=given.ConsumeUnicode(60)).startswith("<svg ")


def _policy(given: _Input) -> None:
    numbers = [given.ConsumeIntInRange(0, 120) for _ in range(6)]
    with suppress(ValueError):
        policy = lockout.LockoutPolicy(*numbers)
        counters, now, cost = lockout.Counters(), 0, given.ConsumeIntInRange(1, 5)
        for _ in range(20):
            now += given.ConsumeIntInRange(0, 200)
            if lockout.lock_of(counters, policy, now=now, cost=cost) is None:
                counters = lockout.after_failure(counters, policy, now=now, cost=cost)
        most = guessing.looked_at(policy, now, authenticators=cost, owner_acts=False)
        assert counters.consecutive_failures <= most


_TARGETS: Sequence[Callable[[_Input], None]] = (
    _code,
    _secret,
    _parameters,
    _backup_code,
    _key,
    _seal,
    _uri,
    _policy,
)


def one_input(data: bytes) -> None:
    """Give `data` to the function that its first byte picks."""
    given = atheris.FuzzedDataProvider(data)
    _TARGETS[given.ConsumeIntInRange(0, len(_TARGETS) - 1)](given)


if __name__ == "__main__":
    seconds = sys.argv[1] if sys.argv[1:] else "60"
    options = [f"-max_total_time={seconds}", "-max_len=2048", "-timeout=10", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options], one_input)
    atheris.Fuzz()
