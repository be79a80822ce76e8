"""Time-based one-time codes (RFC 4226, RFC 6238) with pyotp: the step of a code.

A step is the number of whole periods since 1970 UTC. Storing the last used step and counting
failures is done elsewhere: a match here is not yet accepted.
"""

import base64
import hashlib
import re
import secrets
import string
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from hmac import compare_digest

import pyotp

_DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
_SECRET = re.compile("[A-Z2-7]+")
_IGNORED = str.maketrans("", "", string.whitespace + "-")
_LONGEST_INPUT = 64
_SKEW_REACH_SECONDS = 600
# What becomes of a character of these categories: invisible ones, dashes, separators.
_PLAIN = {"Cf": "", "Pd": "-", "Zs": " ", "Zl": " ", "Zp": " "}
_MINUS, _BULLETS = "\u2212", "\u2022\u2023\u2043\u204c\u204d\u2219\u25aa\u25cb\u25cf\u25e6\u00b7*."


@dataclass(frozen=True, slots=True)
class OtpParameters:
    """The parameters of an authenticator. Raises ValueError if one is out of bounds.

    6 or 8 digits, a period of 15 to 120 seconds, SHA1, SHA256 or SHA512. Most apps support the
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


def tidied(text: str) -> str:
    """Return `text` with plain digits, blanks and hyphens, and no bullet or full stop around it.

    Compatibility forms such as full-width digits become the usual ones (NFKC), every dash a hyphen
    and every separator a blank; invisible characters go.
    """
    if not (text.isascii() and text.isprintable()):
        chars = unicodedata.normalize("NFKC", text).replace(_MINUS, "-")
        text = "".join([_PLAIN.get(unicodedata.category(char), char) for char in chars])
    return text.strip(_BULLETS + " \t\n\r\v\f")


def canonical_code(text: str, *, digits: int) -> str | None:
    """Return the `digits` ASCII digits of a typed code, or None if it is not a code.

    Removes blanks and hyphens of any kind. Compare and store codes in this form only: otherwise
    another spelling of a used code would count as a new one (CVE-2025-55003).
    """
    if len(text) > _LONGEST_INPUT:
        return None
    code = tidied(text).translate(_IGNORED)
    # isdigit() alone would accept Arabic digits.
    return code if len(code) == digits and code.isascii() and code.isdigit() else None


def step_at(at: int, parameters: OtpParameters) -> int:
    """Return the step that epoch second `at` lies in."""
    return at // parameters.period_seconds


def code_at_step(secret: str, step: int, parameters: OtpParameters) -> str:
    """Return the code of `step`.

    ValueError if `secret` is not clean base32 of at least 112 bits, or if `step` does not fit
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
    # Compute and compare every step, so that the time does not reveal which one matched.
    # Two steps share a code once in a million: then the newest counts, because replay protection
    # refuses what is not newer than the last step used, and an owner's fresh code with it.
    # A list: error reports look for @sensitive_variables() in a frame's callers, and the frame of a
    # generator has lost its own.
    return max([step for step in codes if compare_digest(codes[step], typed)], default=None)


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
        step
        for step in steps
        if compare_digest(codes[step - 1], older) & compare_digest(codes[step], newer)
    ]
    return max(matches, default=None)


def clock_skew_seconds(
    secret: str, code: str, *, at: int, window: int, parameters: OtpParameters
) -> int | None:
    """Return the error of the device's clock if that explains why `code` does not match.

    In whole periods, positive if the device is ahead. None if the code is in the window or is not
    found within ten minutes. It explains the failure to the owner, and never makes the code
    valid: guessing in such a wide window would be twenty times easier.
    """
    typed = canonical_code(code, digits=parameters.digits)
    if typed is None:
        return None
    here = step_at(at, parameters)
    reach = _SKEW_REACH_SECONDS // parameters.period_seconds
    codes = _codes(secret, _steps_around(at, reach, parameters), parameters)
    offsets = [step - here for step in codes if compare_digest(codes[step], typed)]
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


def _codes(secret: str, steps: Collection[int], parameters: OtpParameters) -> dict[int, str]:
    # pyotp would forgive lower case and padding; then one secret had several spellings.
    if _SECRET.fullmatch(secret) is None:
        raise ValueError("The secret is not base32.")
    digest = _DIGESTS[parameters.algorithm]
    generator = _Generator(secret, digits=parameters.digits, digest=digest)
    # pyotp would write a longer counter than eight bytes and compute a code no device knows.
    if not all(0 <= step < 2**64 for step in steps):
        raise ValueError("The step does not fit the counter.")
    return {step: generator.at(step) for step in steps}
