"""QR codes: the same modules as another encoder makes, and read by a real decoder."""

import re

import pytest
import segno
import zxingcpp
from PIL import Image

from ninja_totp.core.qr import _words, modules

VERSIONS = range(1, 41)
# ISO/IEC 18004, table 7: how many bytes fit at level M, from version 1 on.
ROOM = [
    *(14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624),
    *(666, 711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809),
    *(1911, 1989, 2099, 2213, 2331),
]


def text_of(length):
    """Text that is neither a number nor in capitals, for which there are shorter modes."""
    return ("otpauth://totp/Ada%20Lovelace?" * 100)[:length]


def picture(rows):
    """One pixel a module, four times as large, with a quiet zone."""
    side = len(rows)
    pixels = b"".join(rows).translate(bytes.maketrans(b"\0\1", b"\xff\0"))
    image = Image.new("L", (side + 8, side + 8), 255)
    image.paste(Image.frombytes("L", (side, side), pixels), (4, 4))
    return image.resize((4 * image.width, 4 * image.height), Image.Resampling.NEAREST)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_full_code_is_that_of_another_encoder(version):
    text = text_of(ROOM[version - 1])
    theirs = segno.make_qr(text, error="m", boost_error=False, mask=3)

    rows = modules(text)

    assert theirs.version == version
    assert rows == [bytes(row) for row in theirs.matrix]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_decoder_reads_a_code_that_is_not_full(version):
    text = text_of(ROOM[version - 1] - 11)

    drawn = picture(modules(text))
    barcode = zxingcpp.read_barcode(drawn, formats=zxingcpp.BarcodeFormat.QRCode, is_pure=True)

    assert barcode is not None
    assert (barcode.text, barcode.ec_level) == (text, "M")


def test_what_is_not_full_is_filled_as_the_standard_says():
    # ISO/IEC 18004, 7.4.10. segno puts a word of zeros before it.
    words = _words(b"a", 1)

    assert words[:16] == bytes.fromhex("401610" + "ec11" * 6 + "ec")


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_one_more_character_takes_the_next_version(version):
    sides = [len(modules(text_of(ROOM[version - 1] + more))) for more in (0, 1)]

    assert sides == [17 + 4 * version, 17 + 4 * (version + 1)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (text_of(2332), "The text is too long for a QR code."),
        ("otpauth://totp/Ad\u00e4", "The text is not ASCII."),
    ],
)
def test_what_is_too_long_or_not_ascii_is_refused(text, reason):
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        modules(text)
