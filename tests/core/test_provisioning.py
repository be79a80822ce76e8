"""What authenticators are given: URIs that parse back, QR codes that a real decoder reads."""

from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pyotp
import pytest
import zxingcpp
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageChops

from ninja_totp.core.otp import OtpParameters
from ninja_totp.core.provisioning import grouped, otpauth_uri, qr_svg

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SVG = "{http://www.w3.org/2000/svg}"
ISSUERS = ["MyApp", "ACME & Söhne", "a b", "x?y=z#f", "100%", "日本電信電話", "👩‍💻 dev", "a/b+c"]
LONGEST = OtpParameters(digits=8, period_seconds=120, algorithm="SHA512")

anything = st.text(st.characters(exclude_categories=()))


def uri_of(account="ada@example.com", issuer="MyApp", parameters=None):
    return otpauth_uri(
        SECRET, account=account, issuer=issuer, parameters=parameters or OtpParameters()
    )


def label_of(uri):
    return unquote(urlsplit(uri).path.removeprefix("/"), errors="strict")


def fields_of(uri):
    query = urlsplit(uri).query
    return {name: value for name, (value,) in parse_qs(query, strict_parsing=True).items()}


def drawing_of(svg):
    """Draw the SVG, one pixel a module: dark is what an odd number of upright edges stands left of.

    The points of a polygon are the corners of a line that is closed.
    """
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    side = int(root.get("viewBox").split()[2])
    numbers = [int(number) for number in root.findall(SVG + "polygon")[1].get("points").split()]
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    image = Image.new("L", (side, side), 255)
    for (x, y), (next_x, next_y) in zip(corners, corners[1:] + corners[:1], strict=True):
        assert x == next_x or y == next_y
        for row in range(min(y, next_y), max(y, next_y)) if x == next_x else ():
            box = (x, row, side, row + 1)
            image.paste(ImageChops.invert(image.crop(box)), box)
    return image


def read(svg):
    """Return what a decoder reads from the SVG, drawn with eight pixels a module."""
    drawn = drawing_of(svg)
    pixels = drawn.resize((drawn.width * 8, drawn.height * 8), Image.Resampling.NEAREST)
    (barcode,) = zxingcpp.read_barcodes(pixels)
    return barcode


def test_the_usual_uri_holds_secret_and_issuer_alone():
    assert uri_of() == (
        "otpauth://totp/MyApp:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=MyApp"
    )


@pytest.mark.parametrize("name", ISSUERS)
def test_names_come_back_as_they_were(name):
    uri = uri_of(account=name, issuer=name)

    assert label_of(uri) == f"{name}:{name}"
    assert fields_of(uri)["issuer"] == name
    assert "+" not in uri
    assert " " not in uri


@given(account=anything, issuer=anything)
def test_any_name_makes_a_uri_that_another_library_reads(account, issuer):
    uri = uri_of(account=account, issuer=issuer)

    parsed = pyotp.parse_uri(uri)

    assert uri.isascii()
    assert parsed.secret == SECRET
    assert parsed.name
    assert fields_of(uri).get("issuer", "") == (parsed.issuer or "")


@given(account=anything, issuer=anything.filter(str.strip))
def test_a_label_has_one_colon_at_most_and_the_issuer_before_it(account, issuer):
    uri = uri_of(account=account, issuer=issuer)
    issuer_field = fields_of(uri).get("issuer", "")

    before, colon, after = label_of(uri).rpartition(":")

    assert before == issuer_field
    assert bool(colon) == bool(issuer_field)
    assert ":" not in before + after


def test_colons_and_control_characters_are_dropped():
    uri = uri_of(account="a:d\x00a\n\ud800", issuer="My:App\x7f")

    assert label_of(uri) == "MyApp:ada"


@pytest.mark.parametrize(
    ("account", "issuer", "label"),
    [
        ("ada", "", "ada"),
        ("ada", " : ", "ada"),
        ("", "MyApp", "MyApp:MyApp"),
        ("::", "MyApp", "MyApp:MyApp"),
        ("", "", "TOTP"),
    ],
)
def test_a_missing_name_leaves_no_empty_label(account, issuer, label):
    uri = uri_of(account=account, issuer=issuer)

    assert label_of(uri) == label
    assert ("issuer" in fields_of(uri)) == (":" in label)


def test_parameters_are_named_where_they_are_unusual():
    fields = fields_of(uri_of(parameters=LONGEST))

    assert fields["algorithm"] == "SHA512"
    assert fields["digits"] == "8"
    assert fields["period"] == "120"


def test_an_unusual_parameter_brings_no_other_along():
    fields = fields_of(uri_of(parameters=OtpParameters(digits=8)))

    assert set(fields) == {"secret", "issuer", "digits"}


def test_padding_is_left_out():
    uri = otpauth_uri("MFRGG===", account="ada", issuer="", parameters=OtpParameters())

    assert fields_of(uri)["secret"] == "MFRGG"


def test_the_longest_e_mail_address_is_kept_whole():
    address = "a" * 242 + ".example.com"

    assert len(address) == 254
    assert label_of(uri_of(account=address, issuer="")) == address


@pytest.mark.parametrize(
    "name", ["a" * 5_000, "é" * 5_000, "日" * 5_000, "👩‍💻" * 5_000, ":" * 10**6]
)
def test_a_long_name_is_cut_between_characters_and_still_fits_a_readable_code(name):
    longest_secret = SECRET * 4
    uri = otpauth_uri(longest_secret, account=name, issuer=name, parameters=LONGEST)

    barcode = read(qr_svg(uri))

    assert barcode.text == uri
    assert int(barcode.extra["Version"]) <= 23
    assert label_of(uri)


def test_a_secret_is_shown_in_groups_of_four():
    assert grouped(SECRET) == "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
    assert grouped("ABCDE") == "ABCD E"


@pytest.mark.parametrize("name", ISSUERS)
def test_a_decoder_reads_the_code(name):
    uri = uri_of(account=name, issuer=name)

    barcode = read(qr_svg(uri))

    assert barcode.text == uri
    assert barcode.ec_level == "M"


@settings(max_examples=25)
@given(account=anything, issuer=anything)
def test_a_decoder_reads_the_code_of_any_name(account, issuer):
    uri = uri_of(account=account, issuer=issuer)

    assert read(qr_svg(uri)).text == uri


def test_the_svg_is_one_element_that_stands_alone_and_scales():
    svg = qr_svg(uri_of())
    root = ET.fromstring(svg)  # noqa: S314 - our own text

    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")
    assert root.tag == SVG + "svg"
    assert root.get("width") is None
    assert root.get("height") is None
    assert root.get("viewBox") == "0 0 49 49"


def test_the_svg_is_dark_on_white_with_a_quiet_zone_of_four():
    root = ET.fromstring(qr_svg(uri_of()))  # noqa: S314 - our own text

    background, modules = root.findall(SVG + "polygon")

    assert background.get("fill") == "#fff"
    assert background.get("points") == "0 0 49 0 49 49 0 49"
    assert modules.get("fill") == "#000"
    assert modules.get("points").startswith("4 5 4 5 4 4 11 4 11 5 ")


def test_a_strict_content_security_policy_has_nothing_to_refuse():
    root = ET.fromstring(qr_svg(uri_of()))  # noqa: S314 - our own text

    assert {child.tag for child in root.iter()} == {SVG + "svg", SVG + "title", SVG + "polygon"}
    assert not [child for child in root.iter() if child.get("style")]


def test_the_svg_has_a_name_for_screen_readers():
    root = ET.fromstring(qr_svg(uri_of(), title="Scan me"))  # noqa: S314 - our own text

    assert root.get("role") == "img"
    assert root.get("aria-label") == "Scan me"
    assert root.findtext(SVG + "title") == "Scan me"


def test_the_svg_does_not_say_the_secret():
    assert SECRET not in qr_svg(uri_of())


@given(title=anything)
def test_no_title_breaks_out_of_the_svg(title):
    harmful = f"{title}</title><script>alert('\"&')</script>\x00"

    root = ET.fromstring(qr_svg("x", title=harmful))  # noqa: S314 - our own text

    assert {child.tag for child in root.iter()} == {SVG + "svg", SVG + "title", SVG + "polygon"}
    assert root.findtext(SVG + "title").endswith("<script>alert('\"&')</script>")


def test_a_text_that_fits_no_qr_code_is_refused_and_not_shown():
    with pytest.raises(ValueError, match="too large") as caught:
        qr_svg(SECRET * 200)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("length", [20, 60, 100, 160, 400])
def test_the_code_has_a_quiet_zone_at_any_size(length):
    image = drawing_of(qr_svg("otpauth://totp/".ljust(length, "x")))

    dark = image.point(lambda value: 255 - value).getbbox()

    assert dark == (4, 4, image.width - 4, image.height - 4)


@pytest.mark.parametrize("length", [14, 15, 152, 153, 1000, 2331])
def test_a_decoder_reads_a_code_at_the_edges_of_a_version(length):
    text = ("otpauth://totp/Ada%20Lovelace?" * 100)[:length]

    barcode = read(qr_svg(text))

    assert (barcode.text, barcode.ec_level) == (text, "M")


def test_a_picture_is_called_by_what_it_is_for():
    svg = qr_svg("otpauth://totp/x")

    assert "<title>QR code for your authenticator app</title>" in svg


@pytest.mark.parametrize("typed", [100, 101])
def test_a_name_is_cut_to_the_most_that_fits(typed):
    uri = otpauth_uri("A", account="é" * typed, issuer="", parameters=OtpParameters())

    assert urlsplit(uri).path == "/" + "%C3%A9" * 42


def test_no_letter_and_no_slash_is_lost():
    uri = otpauth_uri("AX=", account="a/X", issuer="X", parameters=OtpParameters())

    assert uri == "otpauth://totp/X:a%2FX?secret=AX&issuer=X"
