"""Time-based one-time codes (RFC 4226, RFC 6238) over pyotp: which step does a code belong to?

A step is the number of whole periods since 1970 UTC. Remembering the last step that was used, and
counting failures, is done elsewhere; a match here is not yet an acceptance.
"""

import base64
import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass

import pyotp

from ninja_totp.core.typed import tidied

_DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
_SECRET = re.compile("[A-Z2-7]+")
_IGNORED = str.maketrans("", "", string.whitespace + "-")
_LONGEST_INPUT = 64


@dataclass(frozen=True, slots=True)
class OtpParameters:
    """What the authenticator and the server agree on. ValueError when out of bounds.

    6 or 8 digits, a period of 15 to 120 seconds, SHA1, SHA256 or SHA512. Most apps honour the
    defaults only.
    """

    digits: int = 6
    period_seconds: int = 30
    algorithm: str = "SHA1"

    def __post_init__(self) -> None:
        if self.digits not in (6, 8):
            raise ValueError("digits must be 6 or 8")
        if not 15 <= self.period_seconds <= 120:
            raise ValueError("period_seconds must be from 15 to 120")
        if self.algorithm not in _DIGESTS:
            raise ValueError("algorithm must be SHA1, SHA256 or SHA512")


def new_secret() -> str:
    """Return 20 random bytes in base32 without padding: the length that RFC 4226, 4 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def canonical_code(text: str, *, digits: int) -> str | None:
    """Return the `digits` ASCII digits of a typed code, or None when it is not one.

    Blanks and hyphens of any kind are dropped wherever they stand. Compare and remember codes in
    this form only, or the same code in another spelling counts as another one (CVE-2025-55003).
    """
    if len(text) > _LONGEST_INPUT:
        return None
    code = text if _has_digits_alone(text) else tidied(text).translate(_IGNORED)
    return code if len(code) == digits and _has_digits_alone(code) else None


def _has_digits_alone(text: str) -> bool:
    # isdigit() alone would let Arabic digits through.
    return text.isascii() and text.isdigit()


def step_at(at: int, parameters: OtpParameters) -> int:
    """Return the step that epoch second `at` lies in."""
    return at // parameters.period_seconds


def code_at_step(secret: str, step: int, parameters: OtpParameters) -> str:
    """Return the code of `step`.

    ValueError when `secret` is not clean base32 of at least 112 bits, or when `step` does not fit
    the 8-byte counter of RFC 4226, 5.1.
    """
    return _codes(secret, [step], parameters)[step]


def matching_step(
    secret: str, code: str, *, at: int, window: int, parameters: OtpParameters
) -> int | None:
    """Return the step within `window` steps of `at` that `code` belongs to, None if there is none.

    ValueError when the secret is malformed.
    """
    typed = canonical_code(code, digits=parameters.digits)
    if typed is None:
        return None
    codes = _codes(secret, _steps_around(at, window, parameters), parameters)
    # Every step is computed and compared, so that the time taken does not tell which one it was.
    # Two steps share a code once in a million: then the newest counts, because replay protection
    # refuses what is not newer than the last step used, and an owner's fresh code with it.
    # A list: error reports look for @sensitive_variables() in a frame's callers, and the frame of a
    # generator has lost its own.
    return max([step for step in codes if _is_same(codes[step], typed)], default=None)


def matching_pair(
    secret: str, first: str, second: str, *, at: int, window: int, parameters: OtpParameters
) -> int | None:
    """Return the step of `second` when `first` belongs to the step just before it, else None.

    Two consecutive codes are what RFC 4226, 7.4 asks of a locked account. `second` must lie in
    the window; `first` may stand one step before it. ValueError when the secret is malformed.
    """
    older = canonical_code(first, digits=parameters.digits)
    newer = canonical_code(second, digits=parameters.digits)
    if older is None or newer is None:
        return None
    steps = [step for step in _steps_around(at, window, parameters) if step > 0]
    codes = _codes(secret, {*steps, *(step - 1 for step in steps)}, parameters)
    # `&`, not `and`: how long it takes must not tell whether the first code was right.
    matches = [
        step for step in steps if _is_same(codes[step - 1], older) & _is_same(codes[step], newer)
    ]
    return max(matches, default=None)


def clock_skew_seconds(
    secret: str,
    code: str,
    *,
    at: int,
    window: int,
    parameters: OtpParameters,
    reach_seconds: int = 600,
) -> int | None:
    """Return by how much the device's clock is off when that explains why `code` does not match.

    In whole periods, positive when the device is ahead. None when the code lies in the window or
    is not found within `reach_seconds`. An explanation for the owner, never a ground to accept:
    so wide a window would be guessed twenty times as easily.
    """
    typed = canonical_code(code, digits=parameters.digits)
    if typed is None:
        return None
    here = step_at(at, parameters)
    reach = reach_seconds // parameters.period_seconds
    codes = _codes(secret, _steps_around(at, reach, parameters), parameters)
    offsets = [step - here for step in codes if _is_same(codes[step], typed)]
    nearest = min(offsets, key=abs, default=0)
    return nearest * parameters.period_seconds if abs(nearest) > window else None


def _steps_around(at: int, window: int, parameters: OtpParameters) -> range:
    here = step_at(at, parameters)
    return range(max(0, here - window), here + window + 1)


class _Generator(pyotp.HOTP):
    """A generator that decodes its secret once, and not again for each code."""

    _key: bytes | None = None

    def byte_secret(self) -> bytes:
        if self._key is None:
            self._key = super().byte_secret()
        return self._key


def _codes(secret: str, steps: Iterable[int], parameters: OtpParameters) -> dict[int, str]:
    # pyotp would forgive lower case and padding; then one secret had several spellings.
    if _SECRET.fullmatch(secret) is None:
        raise ValueError("The secret is not base32.")
    digest = _DIGESTS[parameters.algorithm]
    generator = _Generator(secret, digits=parameters.digits, digest=digest)
    return {step: generator.at(_counter(step)) for step in steps}


def _counter(step: int) -> int:
    # pyotp would write a longer counter than eight bytes and compute a code no device knows.
    if not 0 <= step < 2**64:
        raise ValueError("The step does not fit the counter.")
    return step


def _is_same(expected: str, typed: str) -> bool:
    return hmac.compare_digest(expected, typed)
