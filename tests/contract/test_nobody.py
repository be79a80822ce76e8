"""Calls of nobody in particular: without a credential, or with one that is none."""

import pytest

from tests.support.credentials import NOBODY, Bearer


@pytest.mark.parametrize("path", ["totp/status/", "totp/events/"])
@pytest.mark.parametrize("credential", [NOBODY, Bearer("not-a-token")], ids=["none", "garbage"])
def test_nobody_reads_anything(client, path, credential):
    answer = client.get(path, credential)

    assert client.takes_for_nobody(answer)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "path",
    [
        "totp/create/",
        "totp/confirm/",
        "totp/disable/",
        "totp/rotate_backup_codes/",
        "totp/replace/",
        "totp/verify/",
    ],
)
@pytest.mark.parametrize("credential", [NOBODY, Bearer("not-a-token")], ids=["none", "garbage"])
def test_nobody_changes_anything(client, path, credential):
    body = {"input_code": "123456", "otp_code": "123456"}

    answer = client.post(path, body, credential)

    assert client.takes_for_nobody(answer)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
