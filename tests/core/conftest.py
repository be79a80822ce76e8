"""The core without what it keeps."""

import pytest

from ninja_totp.core import provisioning


@pytest.fixture(scope="session", autouse=True)
def nothing_is_kept():
    """Begin without what the core keeps of QR codes.

    `make mutants` runs the tests once and then, in copies of that process, on each changed core:
    what an unchanged function has left would stand in for the changed one.
    """
    for function in vars(provisioning).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
