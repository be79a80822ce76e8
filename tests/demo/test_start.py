"""The demo as `make demo` starts it, with settings of its own."""

import re
import time

import pytest
import requests

from tests.browser.demo_process import Demo, running_demo
from tests.support.people import code_of

pytestmark = pytest.mark.slow

LOGIN = {"username": "demo", "password": "demo-password-2fa"}


@pytest.fixture(scope="module")
def _started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    with running_demo(folder) as origin:
        yield Demo(origin, folder)


@pytest.fixture
def demo(_started):
    """The demo, as new."""
    _started.start_over()
    return _started


def _post(address, **sent):
    return requests.post(address, timeout=20, **sent)


def test_it_names_both_danger_zones_and_each_refuses_a_password_alone(demo):
    address, said = demo.origin, (demo.folder / "demo.log").read_text()
    apis = [f"{address}/api", f"{address}/drf"]

    tokens = [_post(f"{api}/jwt/create/", json=LOGIN).json()["access"] for api in apis]
    answers = [
        _post(f"{api}/danger/", headers={"Authorization": f"Bearer {token}"})
        for api, token in zip(apis, tokens, strict=True)
    ]

    assert [f"{api}/danger/" in said for api in apis] == [True, True]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "enrolment_required"),
        (403, "enrolment_required"),
    ]


def test_it_leads_an_older_session_to_the_page_for_the_code_and_mails_the_link(demo):
    address = demo.origin
    with requests.Session() as browser:
        browser.headers["Accept"] = "text/html"
        browser.get(address, timeout=20)
        token = {"X-CSRFToken": browser.cookies["csrftoken"]}
        browser.post(f"{address}/api/session/create/", json=LOGIN, headers=token, timeout=20)
        before = browser.get(f"{address}/api/docs", timeout=20)
        access = _post(f"{address}/api/jwt/create/", json=LOGIN).json()["access"]
        bearer = {"Authorization": f"Bearer {access}"}
        secret = _post(f"{address}/api/totp/create/", headers=bearer).json()["secret"]
        code = {"input_code": code_of(secret, int(time.time()))}
        _post(f"{address}/api/totp/confirm/", json=code, headers=bearer)
        after = browser.get(f"{address}/api/docs", timeout=20)
        empty = requests.get(f"{address}/outbox/", timeout=20).text
        _post(f"{address}/api/totp/recovery/", json={"email": "demo@example.com"})
        deadline = time.monotonic() + 20
        while (mailbox := requests.get(f"{address}/outbox/", timeout=20).text).count(address) == 0:
            assert time.monotonic() < deadline, "No mail came."
            time.sleep(0.1)

    assert (before.url, after.url) == (f"{address}/api/docs", f"{address}/verify/?next=/api/docs")
    assert 'name="code"' in after.text
    link = re.search(r'href="([^"]+)" rel', mailbox)
    assert f"{address}/recover/" not in empty
    assert link is not None
    assert link[1].startswith(f"{address}/recover/")
    assert {file.stat().st_mode & 0o077 for file in (demo.folder / "state").glob("outbox")} == {0}
