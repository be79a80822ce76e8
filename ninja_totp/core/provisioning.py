"""How a secret reaches the authenticator: otpauth URI, groups to type, QR code.

Everything is drawn here; nothing is fetched from or sent to anybody (ASVS 14.2.3). What is made
here holds the secret in plain: it belongs into one uncacheable response and into no log.
"""

import base64
import re
import struct
import unicodedata
import zlib
from collections.abc import Sequence
from functools import cache
from html import escape
from urllib.parse import quote

from ninja_totp.core.otp import OtpParameters
from ninja_totp.core.qr import modules

__all__ = ["grouped", "otpauth_uri", "qr_data_uri", "qr_png", "qr_svg"]

# In percent-encoded characters. An e-mail address fits whole (RFC 5321 allows 254), and the longest
# URI needs version 21 at level M: 101 modules a side, which phones still read from a screen.
_LONGEST_ACCOUNT = 254
_LONGEST_ISSUER = 144

_QUIET_ZONE = 4
_PNG_PIXELS_PER_MODULE = 8
_TO_GREY = bytes.maketrans(b"\0\1", b"\xff\0")
_RUN = re.compile(b"\0*\1+")
_DEFAULTS = OtpParameters()


def otpauth_uri(secret: str, *, account: str, issuer: str, parameters: OtpParameters) -> str:
    """Return the key URI that authenticator apps read (Google's "Key URI Format").

    Colons and control characters are dropped from both names, and overlong names are cut. Without
    an account the issuer stands for it, because apps refuse an empty label.
    """
    shown_issuer = _encoded(issuer, _LONGEST_ISSUER)
    shown_account = _encoded(account, _LONGEST_ACCOUNT) or shown_issuer or "TOTP"
    label = f"{shown_issuer}:{shown_account}" if shown_issuer else shown_account
    fields = {"secret": secret.rstrip("="), "issuer": shown_issuer, **_unusual(parameters)}
    query = "&".join(f"{name}={value}" for name, value in fields.items() if value)
    return f"otpauth://totp/{label}?{query}"


def grouped(secret: str) -> str:
    """Return the secret in groups of four, for people who type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_svg(uri: str, *, title: str = "QR code for your authenticator app") -> str:
    """Return the QR code as one SVG element, usable inline and as the whole of a .svg file.

    It has no size of its own and fills what it is put into. `title` is what a screen reader says.
    ValueError when `uri` does not fit a QR code.
    """
    rows, name = _rows(uri), escape(_printable(title))
    side = len(rows)
    # `role` alone leaves it to the browser whether <title> counts as the name of the image. The
    # colours are fixed: on the dark background of a page an inherited one would not be read.
    return (
        f'<svg role="img" aria-label="{name}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {side} {side}"><title>{name}</title>'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path stroke="#000" d="{_strokes(rows)}"/></svg>'
    )


def qr_png(uri: str) -> bytes:
    """Return the QR code as a PNG file, eight pixels a module. ValueError as for `qr_svg`."""
    rows = _rows(uri)
    side = len(rows) * _PNG_PIXELS_PER_MODULE
    # One bit a pixel (PNG, 11.2.1), so that a module of eight pixels is one byte. Each line begins
    # with the number of its filter: 0, none.
    lines = b"".join((b"\0" + row.translate(_TO_GREY)) * _PNG_PIXELS_PER_MODULE for row in rows)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">II5B", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(lines)),
            _chunk(b"IEND", b""),
        ]
    )


def qr_data_uri(uri: str) -> str:
    """Return the QR code as a `data:` URI for an <img>. ValueError as for `qr_svg`.

    A PNG: it has about a quarter of the SVG's size, and mobile image views show it as well.
    """
    return "data:image/png;base64," + base64.b64encode(qr_png(uri)).decode()


def _rows(uri: str) -> list[bytes]:
    """Return the rows of the QR code and its quiet zone: 1 is a dark module, 0 a light one."""
    beside = bytes(_QUIET_ZONE)
    rows = [beside + row + beside for row in modules(uri)]
    above = [bytes(len(rows[0]))] * _QUIET_ZONE
    return [*above, *rows, *above]


def _strokes(rows: Sequence[bytes]) -> str:
    # By runs of dark modules: one stroke for each module takes several times as long.
    return "".join(
        [
            f"M0 {y}.5" + "".join([_stroke(run) for run in _RUN.findall(row)])
            for y, row in enumerate(rows)
            if any(row)
        ]
    )


@cache
def _stroke(run: bytes) -> str:
    # There are some dozens of runs, and they are in all codes.
    return f"m{run.count(0)} 0h{run.count(1)}"


def _chunk(kind: bytes, data: bytes) -> bytes:
    # PNG, 5.3: the length of the data alone, the checksum of kind and data.
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _unusual(parameters: OtpParameters) -> dict[str, object]:
    # Defaults stay out: some apps ignore these fields, some choke on them.
    named = {
        "algorithm": (parameters.algorithm, _DEFAULTS.algorithm),
        "digits": (parameters.digits, _DEFAULTS.digits),
        "period": (parameters.period_seconds, _DEFAULTS.period_seconds),
    }
    return {name: value for name, (value, usual) in named.items() if value != usual}


def _encoded(name: str, longest: int) -> str:
    # quote() and not urlencode(): several apps show a "+" as it stands (RFC 3986 has no such rule).
    kept = _printable(name.replace(":", ""))[:longest]
    while len(quote(kept, safe="")) > longest:
        kept = kept[:-1]
    return quote(kept.strip(), safe="")


def _printable(text: str) -> str:
    # Control characters, lone surrogates and these two do not exist in XML or in UTF-8. Others
    # that Python calls unprintable stay: they hold emoji together and set the writing direction.
    kept = (
        char
        for char in text
        if unicodedata.category(char) not in ("Cc", "Cs") and char not in "\ufffe\uffff"
    )
    return "".join(kept).strip()
