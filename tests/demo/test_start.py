"""The demo as `make demo` starts it, with settings of its own."""

import pytest
import requests

from tests.browser.demo_process import running_demo

pytestmark = pytest.mark.slow

LOGIN = {"username": "demo", "password": "demo-password-2fa"}


def _post(address, **sent):
    return requests.post(address, timeout=20, **sent)


def test_it_names_both_danger_zones_and_each_refuses_a_password_alone(tmp_path):
    with running_demo(tmp_path) as address:
        said = (tmp_path / "demo.log").read_text()
        doors = [f"{address}/api", f"{address}/drf"]
        tokens = [_post(f"{door}/jwt/create/", json=LOGIN).json()["access"] for door in doors]
        answers = [
            _post(f"{door}/danger/", headers={"Authorization": f"Bearer {token}"})
            for door, token in zip(doors, tokens, strict=True)
        ]

    assert [f"{door}/danger/" in said for door in doors] == [True, True]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "enrolment_required"),
        (403, "enrolment_required"),
    ]
