"""How a secret reaches the authenticator: otpauth URI, groups to type, QR code.

Everything is drawn here; nothing is requested from or sent to another server (ASVS 14.2.3). The
results contain the plain secret: they belong in one uncacheable response and in no log.
"""

import re
import unicodedata
from html import escape
from urllib.parse import quote

import segno

from ninja_totp.core.otp import OtpParameters

# In percent-encoded characters. An e-mail address fits whole (RFC 5321 allows 254), and the longest
# URI needs version 21 at level M: 101 modules a side, which phones still read from a screen.
_LONGEST_ACCOUNT = 254
_LONGEST_ISSUER = 144

_QUIET_ZONE = 4
_DARK = re.compile(b"\1+")


def otpauth_uri(secret: str, *, account: str, issuer: str, parameters: OtpParameters) -> str:
    """Return the key URI that authenticator apps read (Google's "Key URI Format").

    Colons and control characters are dropped from both names, and overlong names are cut. Without
    an account the issuer stands for it, because apps refuse an empty label.
    """
    shown_issuer = _encoded(issuer, _LONGEST_ISSUER)
    shown_account = _encoded(account, _LONGEST_ACCOUNT) or shown_issuer or "TOTP"
    label = f"{shown_issuer}:{shown_account}" if shown_issuer else shown_account
    fields = {
        "secret": secret.rstrip("="),
        "issuer": shown_issuer,
        # Defaults stay out: some apps ignore these fields, some choke on them.
        "algorithm": parameters.algorithm if parameters.algorithm != "SHA1" else "",
        "digits": parameters.digits if parameters.digits != 6 else "",
        "period": parameters.period_seconds if parameters.period_seconds != 30 else "",
    }
    query = "&".join(f"{name}={value}" for name, value in fields.items() if value)
    return f"otpauth://totp/{label}?{query}"


def grouped(secret: str) -> str:
    """Return the secret in groups of four, for people who type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def qr_svg(uri: str, *, title: str = "QR code for your authenticator app") -> str:
    """Return the QR code as one SVG element, usable inline and as the whole of a .svg file.

    It fills the element around it, and a page's rules for the paint of `svg` and `path` do not
    change how it looks. On a page with rules for the size of every `svg`, or for `svg *`, show it
    as an image. `title` is what a screen reader says. ValueError when `uri` does not fit a QR code.
    """
    # Any mask is valid. Trying all eight would take most of the time.
    code = segno.make_qr(uri, error="m", boost_error=False, mask=3)
    name = escape(_printable(title))
    side = len(code.matrix) + 2 * _QUIET_ZONE
    # `role` alone leaves it to the browser whether <title> counts as the name of the image.
    return (
        f'<svg role="img" aria-label="{name}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><title>{name}</title>'
        f"{_filled('#fff', f'0 0 {side} 0 {side} {side} 0 {side}')}"
        f"{_filled('#000', _outline(code))}</svg>"
    )


def _filled(colour: str, points: str) -> str:
    # Rules of a page for `svg` lose to attributes of what is inside, those for `path` would not: no
    # path. Nor a style, which a strict Content-Security-Policy refuses and reports. The colours are
    # fixed: on the dark background of a page an inherited one could not be read.
    return (
        f'<polygon fill="{colour}" fill-opacity="1" stroke="none" stroke-width="0" '
        f'points="{points}"/>'
    )


def _outline(code: segno.QRCode) -> str:
    # One line around all dark modules; what it passes twice encloses nothing. In each row it goes
    # along the lower edge, up and over each run of dark modules, and back.
    lines = []
    for y, row in enumerate(code.matrix, start=_QUIET_ZONE + 1):
        low, high = f" {y} ", f" {y - 1} "
        spans = [run.span() for run in _DARK.finditer(bytes(_QUIET_ZONE) + row)]
        runs = [f"{x}{low}{x}{high}{end}{high}{end}{low}" for x, end in spans]
        lines.append(f"{_QUIET_ZONE}{low}{''.join(runs)}{_QUIET_ZONE} {y}")
    return " ".join(lines)


def _encoded(name: str, longest: int) -> str:
    # quote() and not urlencode(): several apps show a "+" as it stands (RFC 3986 has no such rule).
    kept = _printable(name.replace(":", ""))[:longest]
    while len(quote(kept, safe="")) > longest:
        kept = kept[:-1]
    return quote(kept.strip(), safe="")


def _printable(text: str) -> str:
    # Control characters, lone surrogates and these two do not exist in XML or in UTF-8. Others
    # that Python calls unprintable stay: they hold emoji together and set the writing direction.
    kept = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cs"))
    return kept.replace("\ufffe", "").replace("\uffff", "").strip()
