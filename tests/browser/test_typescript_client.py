"""The client that is generated from the OpenAPI document: what compiles, and what it does.

`make test-typescript` installs the packages of examples/typescript and runs these.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.demo_process import REPOSITORY, running_demo
from tests.browser.frontend import EXAMPLE, copied, npm
from tests.browser.phone import scan

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.typescript, pytest.mark.slow]

_DOCUMENT = REPOSITORY / "tests" / "http" / "openapi.json"


def made(folder: Path, document: dict[str, Any]) -> Path:
    """The example with its types made from `document`."""
    copied(folder)
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    done = npm("types", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def frontend(tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]) -> Path:
    return made(tmp_path_factory.mktemp("frontend") / "typescript", document)


@pytest.fixture
def visitor(
    _chromium: "Chrome",
    frontend: Path,
    tmp_path: Path,
    downloads: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> "Iterator[Visitor]":
    """Somebody who has opened the single-page application of the example."""
    from tests.browser.chromium import in_new_window
    from tests.browser.visitor import Visitor

    built = npm("build", frontend)
    assert built.returncode == 0, built.stdout + built.stderr
    monkeypatch.setenv("TOTP_TEST_SINGLE_PAGE", str(frontend / "dist"))
    settings = "tests.browser.single_page.settings"
    with (
        running_demo(tmp_path, settings=settings) as origin,
        in_new_window(_chromium, downloads),
    ):
        visitor = Visitor(_chromium, origin)
        visitor.open()
        yield visitor
        assert visitor.strangers() == set()
        assert visitor.complaints() == []


def test_it_compiles_and_every_wrong_use_is_found(frontend: Path) -> None:
    done = npm("check", frontend)

    assert (done.returncode, done.stdout) == (0, "")


def test_codes_that_the_api_gives_up_or_adds_do_not_go_unnoticed(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    changed = json.loads(json.dumps(document))
    refusal = changed["components"]["schemas"]["TotpJwtTotpVerify429Error"]
    refusal["oneOf"].pop(0)  # locked
    del refusal["discriminator"]["mapping"]["locked"]
    responses = changed["paths"]["/ninja/jwt/totp/verify/"]["post"]["responses"]
    responses["403"] = changed["paths"]["/ninja/totp/disable/"]["post"]["responses"]["403"]
    folder = made(tmp_path / "typescript", changed)

    done = npm("check", folder)

    assert done.returncode == 2
    assert "Type '\"locked\"' is not comparable" in done.stdout
    assert "is not assignable to type 'never'" in done.stdout


def test_the_lock_file_names_no_host_and_pins_every_package() -> None:
    lock = json.loads((EXAMPLE / "package-lock.json").read_text(encoding="utf-8"))
    package = json.loads((EXAMPLE / "package.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    wanted = package["dependencies"] | package["devDependencies"]

    assert packages
    assert all("resolved" not in entry and "integrity" in entry for entry in packages.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_a_person_lives_through_it_in_the_single_page_application(visitor: "Visitor") -> None:
    visitor.sign_in(password="wrong")
    visitor.reads("Invalid")
    visitor.sign_in()
    visitor.arrives_at("Two-step sign-in is off")
    visitor.spoils_next_access_token()  # which is renewed, and nobody sees it
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(phone.wrong_code(), then="Confirm")
    visitor.reads("That code is not right")
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.arrives_at("Save your backup codes")
    codes = visitor.codes()
    visitor.press("I saved them")
    visitor.reads("Backup codes left: 10")

    visitor.press("Sign out")
    visitor.sign_in()
    visitor.arrives_at("Second step")
    visitor.fill("Code from the app, or a backup code", phone.wrong_code())
    visitor.press("Continue")
    visitor.reads("That code is not right")
    visitor.fill("Code from the app, or a backup code", phone.code())
    visitor.press("Continue")
    visitor.arrives_at("Two-step sign-in is on")

    visitor.waits(seconds=11)  # the proof gets too old
    visitor.press("Switch off")
    visitor.reads("Please confirm it's you")
    visitor.fill("Code from the app, or a backup code", codes[0])
    visitor.press("Switch off")

    visitor.arrives_at("Two-step sign-in is off")


def test_a_lock_is_told_with_the_time_to_wait(visitor: "Visitor") -> None:
    visitor.sign_in()
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.press("I saved them")
    visitor.press("Sign out")
    visitor.sign_in()
    visitor.arrives_at("Second step")

    for _ in range(5):
        visitor.fill("Code from the app, or a backup code", phone.wrong_code())
        visitor.press("Continue")
        visitor.waits_for_the_answer()
    visitor.press("Start again")
    visitor.sign_in()
    visitor.fill("Code from the app, or a backup code", phone.code())
    visitor.press("Continue")

    visitor.reads(r"Too many attempts\. Try again in \d+ seconds\.")
