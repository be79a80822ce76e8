"""`python -m demo` and `python -m demo.authenticator`, as typed into a terminal."""

import http.client
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest

from demo.local_state import data_directory, local_keys
from tests.browser.demo_process import REPOSITORY, Demo, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def answer_to(address: str, path: str) -> "tuple[int, dict[str, str]]":
    """Status and headers; http.client sends a path as it stands."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    connection.close()
    return response.status, dict(response.getheaders())


def authenticator(*arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "demo.authenticator", *arguments],
        cwd=REPOSITORY,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_keys_are_for_their_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_DIR", str(tmp_path / "state"))

    folder = data_directory()
    local_keys(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"


def test_keys_outlive_a_restart_and_are_closed_again_when_left_open(tmp_path: Path) -> None:
    before = local_keys(tmp_path)
    (tmp_path / "keys.json").chmod(0o644)

    after = local_keys(tmp_path)

    assert after == before
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_taken_port_is_named_and_the_next_one_serves(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with running_demo(tmp_path, port=port) as address:
            said = (tmp_path / "demo.log").read_text()

    assert f"Port {port} cannot be used" in said
    assert not address.endswith(f":{port}")


def test_only_static_files_are_served_as_files(demo: Demo) -> None:
    script, headers = answer_to(demo.origin, "/static/demo.js")
    outside, _ = answer_to(demo.origin, "/static/../settings.py")
    missing, _ = answer_to(demo.origin, "/static/missing.js")

    assert (script, outside, missing) == (200, 404, 404)
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/outbox/", "/recover/x/y/", "/admin/login/"])
def test_a_page_may_load_nothing_from_elsewhere(demo: Demo, path: str) -> None:
    status, headers = answer_to(demo.origin, path)

    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; object-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        f"otpauth://totp/Demo:ada?secret={SECRET}&issuer=Demo",
    ],
)
def test_the_authenticator_shows_the_code_of_a_secret_or_an_address(text: str) -> None:
    near = [pyotp.TOTP(SECRET).now()]

    shown = authenticator(typed=text + "\n").stdout

    near.append(pyotp.TOTP(SECRET).now())
    assert shown[:6] in near
    assert shown.rstrip().endswith("s left")


@pytest.mark.parametrize(
    "text", ["", "not a secret!", "otpauth://hotp/ada?secret=GEZDGNBV&counter=1", "otpauth://x"]
)
def test_the_authenticator_says_what_it_cannot_read(text: str) -> None:
    answer = authenticator(typed=text)

    assert answer.returncode == 2
    assert answer.stderr.startswith("error: ")
    assert "Traceback" not in answer.stderr
