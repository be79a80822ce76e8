"""How a secret reaches the authenticator: otpauth URI, groups to type, QR code.

Everything is drawn here; nothing is fetched from or sent to anybody (ASVS 14.2.3). What is made
here holds the secret in plain: it belongs into one uncacheable response and into no log.
"""

import io
import re
import unicodedata
from functools import cache
from html import escape
from urllib.parse import quote

import segno

from ninja_totp.core.otp import OtpParameters

__all__ = ["grouped", "otpauth_uri", "qr_png", "qr_svg"]

# In percent-encoded characters. An e-mail address fits whole (RFC 5321 allows 254), and the longest
# URI needs version 21 at level M: 101 modules a side, which phones still read from a screen.
_LONGEST_ACCOUNT = 254
_LONGEST_ISSUER = 144

_QUIET_ZONE = 4
_PNG_PIXELS_PER_MODULE = 8
_SMALLEST_PIXELS = 144  # three a module for most codes
_RUN = re.compile(b"\0+|\1+")
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

    It fills the element around it, and stays readable under a page's own rules for `svg` and
    `path`. These rules win where a Content-Security-Policy forbids inline styles: show the SVG as
    an image there. `title` is what a screen reader says. ValueError when `uri` does not fit a QR
    code.
    """
    code, name = _code(uri), escape(_printable(title))
    side = len(code.matrix) + 2 * _QUIET_ZONE
    # `role` alone leaves it to the browser whether <title> counts as the name of the image.
    return (
        f'<svg role="img" aria-label="{name}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges" '
        f'style="min-width:{_SMALLEST_PIXELS}px;min-height:{_SMALLEST_PIXELS}px">'
        f"<title>{name}</title>"
        f"{_filled('#fff', f'M0 0h{side}v{side}H0z')}{_filled('#000', _outline(code))}</svg>"
    )


def qr_png(uri: str) -> bytes:
    """Return the QR code as a PNG file, eight pixels a module. ValueError as for `qr_svg`."""
    file = io.BytesIO()
    _code(uri).save(file, kind="png", scale=_PNG_PIXELS_PER_MODULE, border=_QUIET_ZONE)
    return file.getvalue()


def _code(uri: str) -> segno.QRCode:
    # Any mask is valid. Trying all eight would take most of the time.
    return segno.make_qr(uri, error="m", boost_error=False, mask=3)


def _filled(colour: str, outline: str) -> str:
    # A style on the element beats the rules of style sheets, which beat the attributes. These are
    # for pages whose policy forbids such styles. The colours are fixed: on the dark background of
    # a page an inherited one could not be read.
    return (
        f'<path fill="{colour}" stroke="none" style="fill:{colour};fill-opacity:1;stroke:none;'
        f'stroke-width:0;opacity:1" d="{outline}"/>'
    )


def _outline(code: segno.QRCode) -> str:
    """Return one shape a row: along its lower edge, and up and over each run of dark modules."""
    return "".join(
        f"M{_QUIET_ZONE} {y}" + "".join([_edge(run) for run in _RUN.findall(row)])
        for y, row in enumerate(code.matrix, start=_QUIET_ZONE + 1)
    )


@cache
def _edge(run: bytes) -> str:
    # There are some dozens of runs, and they are in all codes.
    return f"v-1h{len(run)}v1" if run[0] else f"h{len(run)}"


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
