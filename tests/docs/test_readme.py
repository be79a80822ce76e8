"""The README stands alone on a package index: short, with addresses that work there, and true."""

import ast
import re
import xml.etree.ElementTree as ET

import pytest

from ninja_totp.importers.sources import SOURCES
from tests.docs.guarantees import sentences, split
from tests.docs.pages import PROJECT, ROOT, codes, page, table_under
from tests.urls import api

README = page("README.md")
TEXT = (ROOT / README.path).read_text(encoding="utf-8")
DIAGRAM = "docs/assets/login.svg"
SVG = "{http://www.w3.org/2000/svg}"
COMPATIBLE = {row[""]: row["tested"] for row in table_under(README.path, "Compatibility")}
COMPARED = table_under(README.path, "How others compare")
EXPLAINED = {
    row[""].split(" (")[0]: row
    for row in table_under("docs/explanation/comparison.md", "At a glance")
}
NUMBERS = {6: "six", 7: "seven", 8: "eight", 10: "ten", 11: "eleven", 12: "twelve"}
NOX = (ROOT / "noxfile.py").read_text(encoding="utf-8")


def versions_of_the_matrix():
    """What noxfile.py combines: Python, Django."""
    (matrix,) = (
        node.value
        for node in ast.parse(NOX).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MATRIX"
    )
    return [ast.literal_eval(loop.iter) for loop in matrix.generators]


def requirements():
    """The lower bound of each requirement, with those of extras."""
    extras = PROJECT["optional-dependencies"].values()
    wanted = [*PROJECT["dependencies"], *(one for extra in extras for one in extra)]
    found = (re.fullmatch(r"([\w-]+)>=([\d.]+)", one) for one in wanted)
    return {match[1]: match[2] for match in found if match}


def plain(sentence):
    """A sentence without its links' targets, which differ by the page that it stands on."""
    return re.sub(r"\]\([^)]*\)", "]", sentence).strip("*")


def section(heading):
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_it_is_read_in_one_go():
    assert len(TEXT.splitlines()) <= 220


def test_it_begins_with_two_sentences():
    first = TEXT.split("\n\n")[1]

    assert len(re.findall(r"\.(?:\s|$)", first)) == 2


def test_every_address_works_on_another_site_too():
    targets = re.findall(r"\]\(([^)\s]+)\)", TEXT)

    assert [one for one in targets if not one.startswith("https://")] == []


def test_every_sentence_of_the_guarantee_has_a_test():
    tested = {plain(sentence) for sentence in sentences()}
    paragraph = section("The guarantee").strip().split("\n\n")[0]

    promised = [plain(sentence) for sentence in split(paragraph)]
    linked = "[Each of these sentences has a test"
    assert len(promised) > 3
    assert [one for one in promised if one not in tested and not one.startswith(linked)] == []


def test_the_numbers_of_the_features_are_right():
    languages = [path for path in (ROOT / "ninja_totp/locale").iterdir() if path.is_dir()]
    features = section("Features")

    assert f"in {NUMBERS[len(languages) + 1]} languages" in features  # and English
    assert f"from {NUMBERS[len(SOURCES)]} other packages" in features.replace("[", "")


def test_every_version_of_the_matrix_is_in_the_table_and_no_other():
    pythons, djangos = versions_of_the_matrix()

    assert COMPATIBLE["Python"] == ", ".join(pythons)
    assert COMPATIBLE["Django"] == ", ".join(djangos)


def test_the_classifiers_name_what_is_tested():
    pythons, djangos = versions_of_the_matrix()

    prefixes = ("Programming Language :: Python :: 3.", "Framework :: Django :: ")
    classified = [one for one in PROJECT["classifiers"] if one.startswith(prefixes)]
    assert sorted(classified) == sorted(
        [f"Programming Language :: Python :: {one}" for one in pythons]
        + [f"Framework :: Django :: {one}" for one in djangos]
    )
    assert PROJECT["requires-python"] == f">={pythons[0]}"


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("django-ninja", "django-ninja"),
        ("Django REST Framework (`drf`)", "djangorestframework"),
        ("django-ninja-jwt (`jwt`)", "django-ninja-jwt"),
        ("djangorestframework-simplejwt (`simplejwt`)", "djangorestframework-simplejwt"),
    ],
)
def test_the_lowest_version_of_a_requirement_is_in_the_table(row, name):
    extra = codes(row)

    assert COMPATIBLE[row] == f"{requirements()[name]} and newer"
    assert all(
        any(one.startswith(name) for one in PROJECT["optional-dependencies"][it]) for it in extra
    )


def test_the_databases_that_are_tested_are_in_the_table():
    tested, _, untested = COMPATIBLE["database"].partition("; ")
    sessions = re.findall(r'_test_database\(session, "(\w+)"\)', NOX)

    names = {name.lower().removesuffix("ql") for name in tested.split(", ")}
    assert names == {"sqlite", *sessions}
    assert untested == "MySQL and Oracle are not tested"


def test_the_comparison_is_that_of_the_page():
    others = [name for name in COMPARED[0] if name not in {"", "ninja-totp"}]
    chances = next(row for row in COMPARED if row[""] == "chance to guess a code in a year")

    assert [name.rpartition(" ")[0] for name in others] == [
        "django-allauth",
        "django-otp",
        "django-mfa",
        "drf-auth-kit",
        "dj-rest-auth",
    ]
    for name in ["ninja-totp", *others]:
        assert EXPLAINED[name]["chance in a year"].startswith(chances[name])


def test_the_diagram_names_calls_and_fields_that_exist():
    text = "".join(ET.parse(ROOT / DIAGRAM).getroot().itertext())  # noqa: S314
    operations = api.get_openapi_schema()["paths"]

    for call in re.findall(r"POST (\S+/)", text):
        assert f"/ninja/{call}" in operations, call
    for field in ("totp_challenge_token", "otp_code", "code_required", "access", "refresh"):
        assert field in text
        assert f'"{field}"' in (ROOT / "tests/http/openapi.json").read_text(encoding="utf-8")


def test_the_diagram_has_a_title_and_a_description_and_needs_nothing_else():
    root = ET.parse(ROOT / DIAGRAM).getroot()  # noqa: S314
    text = (ROOT / DIAGRAM).read_text(encoding="utf-8")

    assert root.find(f"{SVG}title").text
    assert len(root.find(f"{SVG}desc").text) > 100
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "path", "text")
    }
    assert re.findall(r"https?://", text) == ["http://"]  # the namespace
    assert "url(" not in text


def luminance(colour):
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_text_of_the_diagram_can_be_read_in_both_schemes(scheme):
    style = ET.parse(ROOT / DIAGRAM).getroot().find(f"{SVG}style").text  # noqa: S314
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    colours = dict(
        re.findall(r"(?:\.(?=\w)|\b)(\w+) \{ fill: (#\w{6})", light if scheme == "light" else dark)
    )

    for ground in ("paper", "box", "note"):
        pair = sorted((luminance(colours["text"]), luminance(colours[ground])))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 7, ground
