"""A plugin of pytest for django-totp's own tests: what differs is expected to fail, by name."""

import pytest

DIFFERENT = {
    "PostTotpRotateBackupCodes::test_rotates_and_replaces_backup_codes": (
        "It patches a private function that makes the codes, and reads their ciphertext."
    ),
}


def pytest_collection_modifyitems(items):
    for item in items:
        name = item.nodeid.partition("::")[2]
        if reason := DIFFERENT.get(name):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
