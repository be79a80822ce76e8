"""How a secret reaches the authenticator: otpauth URI, groups to type, QR code.

Everything is drawn here; nothing is fetched from or sent to anybody (ASVS 14.2.3). What is made
here holds the secret in plain: it belongs into one uncacheable response and into no log.
"""

import base64
import io
import unicodedata
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import segno

from ninja_totp.core.otp import OtpParameters

__all__ = ["grouped", "otpauth_uri", "qr_data_uri", "qr_png", "qr_svg"]

# In percent-encoded characters. An e-mail address fits whole (RFC 5321 allows 254), and the longest
# URI needs version 21 at level M: 101 modules a side, which phones still read from a screen.
_LONGEST_ACCOUNT = 254
_LONGEST_ISSUER = 144

_QUIET_ZONE = 4
_PNG_PIXELS_PER_MODULE = 8
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
    readable = _printable(title)
    svg = _drawn(uri, kind="svg", xmldecl=False, nl=False, omitsize=True, title=readable).decode()
    # `role` alone leaves it to the browser whether <title> counts as the name of the image.
    return svg.replace("<svg", f'<svg role="img" aria-label={quoteattr(readable)}', 1)


def qr_png(uri: str) -> bytes:
    """Return the QR code as a PNG file, eight pixels a module. ValueError as for `qr_svg`."""
    return _drawn(uri, kind="png", scale=_PNG_PIXELS_PER_MODULE)


def qr_data_uri(uri: str) -> str:
    """Return the QR code as a `data:` URI for an <img>. ValueError as for `qr_svg`.

    A PNG: it has less than a quarter of the SVG's size, and mobile image views show it as well.
    """
    return "data:image/png;base64," + base64.b64encode(qr_png(uri)).decode()


def _drawn(uri: str, **options: Any) -> bytes:  # Any: segno's options differ by kind
    # Trying all eight masks takes five times as long. Mask 3 had the lowest mean penalty over
    # otpauth URIs; any mask is valid, and the code itself tells readers which one it is.
    code = segno.make_qr(uri, error="m", boost_error=False, mask=3)
    buffer = io.BytesIO()
    # The colours are fixed: on the dark background of a page an inherited one would not be read.
    code.save(buffer, border=_QUIET_ZONE, dark="#000", light="#fff", **options)
    return buffer.getvalue()


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
