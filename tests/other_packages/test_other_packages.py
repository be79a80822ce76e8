"""Runs the modules beside it with the packages that they are about, in one process of their own."""

import os
from importlib.util import find_spec

import pytest

from tests.support.other_process import pass_there

_PACKAGES = ("allauth", "dj_rest_auth", "docutils", "hijack", "knox", "social_django")
_MISSING = [package for package in _PACKAGES if not find_spec(package)]


@pytest.mark.slow
def test_with_other_packages():
    if _MISSING and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(_MISSING)}")
    # What a package does that its next version will not is no business of ours.
    lenient = ("-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning")
    modules = (
        f"tests/other_packages/{name}.py" for name in ("logins", "impersonation", "open_doors")
    )
    options = ("--no-migrations", *lenient)
    pass_there("packages", "tests.other_packages.settings", *options, *modules)
