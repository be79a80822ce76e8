"""Backup codes as text: how they are made, and how a typed one is recognised.

A code is 24 or 16 Crockford base32 characters. 24 are 120 random bits, so that its fingerprint
cannot be reversed by trying (NIST 800-63B-4, 3.1.2.2); 16 are 80, which the budget of failures
protects. Storing, finding and using up codes is done elsewhere.
"""

import base64
import re
import secrets
import string

from ninja_totp.core.otp import tidied

_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS_OF_A_CHARACTER = 5
_TO_CROCKFORD = str.maketrans(_RFC_4648, _CROCKFORD)
_CODE = re.compile(f"[{_CROCKFORD}]{{16}}|[{_CROCKFORD}]{{24}}")
# What dj-rest-auth makes of a digest, and takes in capitals as well.
_EIGHT_DIGITS = re.compile("[0-9A-F]{8}")

# Not str.upper(): it makes an ASCII letter of some others, such as the dotless i.
_FORGIVEN = str.maketrans(
    string.ascii_lowercase + "OoIiLl",
    string.ascii_uppercase + "001111",
    string.whitespace + "-",
)
_LONGEST_INPUT = 128


def new_codes(count: int, *, length: int = 24) -> list[str]:
    """Return `count` fresh codes of `length` characters, in groups of four joined by hyphens."""
    return [_new_code(length * BITS_OF_A_CHARACTER // 8) for _ in range(count)]


def stored_forms(text: str) -> tuple[str, ...]:
    """Return the forms under which a typed code may be stored, the likeliest first.

    For our own codes, case, blanks, dashes, and bullets and full stops around them do not matter; O
    is read as 0, I and L as 1 (Crockford). The tidied text itself is also a form: codes that were
    imported from another package are case-sensitive and may contain "-" and "_". Only in eight
    hexadecimal digits, case, blanks and hyphens do not matter. Empty if the text cannot be a code.
    """
    typed = tidied(text) if len(text) <= _LONGEST_INPUT else ""
    if not (typed and typed.isascii() and typed.isprintable()):
        return ()
    code = typed.translate(_FORGIVEN)
    if _EIGHT_DIGITS.fullmatch(code):
        return (code,)
    return tuple(dict.fromkeys((code, typed))) if _CODE.fullmatch(code) else (typed,)


def _new_code(size: int) -> str:
    code = base64.b32encode(secrets.token_bytes(size)).decode().translate(_TO_CROCKFORD)
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
