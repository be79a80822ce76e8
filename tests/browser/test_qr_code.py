"""The QR code inline on pages with style sheets of icon and CSS kits, read by two decoders."""

import io
from urllib.parse import quote

import pytest
from PIL import Image

from ninja_totp.core.otp import OtpParameters
from ninja_totp.core.provisioning import otpauth_uri, qr_svg

pytestmark = pytest.mark.browser

URI = otpauth_uri("JBSWY3DPEHPK3PXP" * 2, account="ada", issuer="A", parameters=OtpParameters())
# What the kits say of every `svg` and `path` when they are used for a whole page.
KITS = {
    "Feather": "svg, path {fill: none; stroke: currentColor; stroke-width: 2;"
    " stroke-linecap: round; stroke-linejoin: round}",
    "Tabler": "svg {stroke-width: 1.5; stroke: currentColor; fill: none; vertical-align: bottom;"
    " stroke-linecap: round} svg path {stroke-width: 2.25; vector-effect: non-scaling-stroke}",
    "Heroicons": "svg {fill: currentColor; fill-rule: evenodd; clip-rule: evenodd; stroke-width: 0}"
    " path {fill: inherit; stroke: inherit}",
    "Tailwind": "*, ::before, ::after {box-sizing: border-box; border: 0 solid; margin: 0}"
    " img, svg {display: block; vertical-align: middle; max-width: 100%}"
    " svg {fill: transparent; stroke: currentColor; color: inherit}",
    "Bootstrap": "img, svg {vertical-align: middle} svg {fill: currentColor; overflow: hidden;"
    " fill-opacity: .1; stroke-opacity: 1; stroke: red; stroke-dasharray: 1 2; opacity: .9}",
}
SCHEMES = {
    "light": "body {background: #fff; color: #222}",
    "dark": ":root {color-scheme: dark} body {background: #111; color: #eee}",
}


def _zxing(picture):
    import zxingcpp

    return [found.text for found in zxingcpp.read_barcodes(picture)]


def _opencv(picture):
    import cv2
    import numpy as np

    return [cv2.QRCodeDetector().detectAndDecode(np.array(picture))[0]]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kit", KITS)
def test_it_can_be_read_under(request, kit, scheme):
    chrome = request.getfixturevalue("_chromium")
    page = (
        f"<!doctype html><style>{KITS[kit]} {SCHEMES[scheme]}</style>"
        f"<div style='width: 400px; padding: 20px'>{qr_svg(URI)}</div>"
    )
    chrome.get(f"data:text/html;charset=utf-8,{quote(page)}")

    picture = Image.open(io.BytesIO(chrome.get_screenshot_as_png())).convert("L")

    assert _zxing(picture) == [URI]
    assert _opencv(picture) == [URI]
