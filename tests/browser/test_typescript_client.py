"""The application of examples/typescript: what compiles, and what it does in a browser.

`make test-typescript` installs the packages of clients/generators and runs these.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.demo_process import running_demo
from tests.browser.phone import Phone, scan
from tests.clients.workshop import DOCUMENT, Workshop, built

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.typescript, pytest.mark.slow]

_CODE = "Code from the app, or a backup code"


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return built()


@pytest.fixture(scope="module")
def page(workshop: Workshop) -> Path:
    """The folder with the files of the application."""
    built = workshop.run("npm", "run", "build", where=workshop.example)
    assert built.returncode == 0, built.stdout + built.stderr
    return workshop.example / "dist"


@pytest.fixture
def demo_settings() -> str:
    return "tests.browser.single_page.settings"


@pytest.fixture
def visitor(
    _chromium: "Chrome",
    page: Path,
    tmp_path: Path,
    downloads: Path,
    demo_settings: str,
    monkeypatch: pytest.MonkeyPatch,
) -> "Iterator[Visitor]":
    """Somebody who has opened the single-page application of the example."""
    from tests.browser.chromium import in_new_window
    from tests.browser.visitor import Visitor

    monkeypatch.setenv("TOTP_TEST_SINGLE_PAGE", str(page))
    with (
        running_demo(tmp_path, settings=demo_settings) as origin,
        in_new_window(_chromium, downloads),
    ):
        visitor = Visitor(_chromium, origin)
        visitor.open()
        yield visitor
        assert visitor.strangers() == set()
        assert visitor.complaints() == []


def test_it_compiles_and_every_wrong_use_is_found(workshop: Workshop) -> None:
    done = workshop.run("npm", "run", "--silent", "check", where=workshop.example)

    assert (done.returncode, done.stdout) == (0, "")


def test_codes_that_the_api_gives_up_or_adds_do_not_go_unnoticed(tmp_path: Path) -> None:
    changed: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    paths, schemas = changed["paths"], changed["components"]["schemas"]
    answers = paths["/ninja/session/totp/verify/"]["post"]["responses"]
    schemas["Refusal"] = schemas["TotpThrottledError"]  # no longer "locked"
    for answer, name in (("429", "Refusal"), ("404", "TotpTrustedDeviceNotFoundError")):
        schema = {"$ref": f"#/components/schemas/{name}"}
        answers[answer] = {"description": "", "content": {"application/json": {"schema": schema}}}
    document = tmp_path / "changed.json"
    document.write_text(json.dumps(changed), encoding="utf-8")
    workshop = Workshop(tmp_path / "workshop")
    shutil.copytree(built().client / "dist", workshop.client / "dist")
    types = ("node", "scripts/schema.js", str(document), "dist/schema.d.ts")
    assert workshop.run(*types, where=workshop.client).returncode == 0

    done = workshop.run("npm", "run", "--silent", "check", where=workshop.example)

    assert done.returncode == 2
    assert "Type '\"locked\"' is not comparable" in done.stdout
    assert "is not assignable to type 'never'" in done.stdout


def enrolled(visitor: "Visitor") -> tuple[Phone, list[str]]:
    """Confirm what is on the screen; returns the phone and the backup codes."""
    visitor.press("Set up two-step sign-in")
    phone = scan(visitor.shows("QR code for your authenticator app"))
    visitor.fill("Code from the app", phone.wrong_code())
    visitor.press("Confirm")
    visitor.reads("That code is not right")
    visitor.enter_code(phone.code(), then="Confirm")
    visitor.arrives_at("Save your backup codes")
    codes = visitor.codes()
    visitor.press("I saved them")
    visitor.reads("Backup codes left: 10")
    return phone, codes


def answers(visitor: "Visitor", code: str) -> None:
    visitor.fill(_CODE, code)
    visitor.press("Continue")


def test_a_person_lives_through_it(visitor: "Visitor") -> None:
    visitor.sign_in(password="wrong")
    visitor.reads("Invalid")
    visitor.sign_in()
    visitor.arrives_at("Two-step sign-in is off")
    visitor.spoils_next_access_token()  # which is renewed, and nobody sees it
    phone, codes = enrolled(visitor)

    visitor.press("Sign out")
    visitor.sign_in()
    visitor.arrives_at("Second step")
    answers(visitor, phone.wrong_code())
    visitor.reads("That code is not right")
    answers(visitor, phone.code())
    visitor.arrives_at("Two-step sign-in is on")
    visitor.press("Delete everything")
    visitor.reads("Everything of demo would be deleted now")

    visitor.waits(seconds=11)  # the proof gets too old
    visitor.press("Switch off")
    visitor.arrives_at("Is it you?")
    answers(visitor, phone.wrong_code())
    visitor.reads("That code is not right")
    answers(visitor, codes[0])
    visitor.arrives_at("Two-step sign-in is off")


def test_an_endpoint_of_the_site_asks_by_rfc_9470_and_is_called_again(visitor: "Visitor") -> None:
    visitor.sign_in()
    visitor.arrives_at("Two-step sign-in is off")
    visitor.press("Delete everything")
    visitor.reads("Set up two-factor authentication first")
    phone, _ = enrolled(visitor)
    visitor.waits(seconds=11)

    visitor.press("Delete everything")
    visitor.arrives_at("Is it you?")
    visitor.press("Cancel")
    visitor.reads("Please confirm it's you")
    visitor.press("Delete everything")
    answers(visitor, phone.code())

    visitor.reads("Everything of demo would be deleted now")


def test_a_lock_is_told_and_a_backup_code_gets_in(visitor: "Visitor") -> None:
    visitor.sign_in()
    phone, codes = enrolled(visitor)
    visitor.press("Sign out")
    visitor.sign_in()
    visitor.arrives_at("Second step")

    for _ in range(5):
        answers(visitor, phone.wrong_code())
        visitor.waits_for_the_answer()
    visitor.press("Start again")
    visitor.sign_in()
    answers(visitor, phone.code())
    visitor.reads(r"Too many attempts\. Try again in \d+ seconds\.")
    answers(visitor, codes[0])

    visitor.reads("Backup codes left: 9")


class TestASiteThatWantsASecondFactor:
    @pytest.fixture
    def demo_settings(self) -> str:
        return "tests.browser.single_page.required"

    def test_a_login_sets_one_up(self, visitor: "Visitor") -> None:
        visitor.sign_in()
        visitor.arrives_at("You need two-step sign-in")
        phone, _ = enrolled(visitor)

        visitor.press("Sign out")
        visitor.sign_in()
        answers(visitor, phone.code())

        visitor.arrives_at("Two-step sign-in is on")
