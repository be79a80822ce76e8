"""The versions in requirements/ are those that pyproject.toml allows: `make lock` was run."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
BASE = [
    *PROJECT["project"]["dependencies"],
    *(one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra),
]
PEERS = ["peers", "peers-mfa3"]
FILES = {"development": GROUPS.keys() - set(PEERS)} | {name: {"test", name} for name in PEERS}


def locked(name):
    """The versions of each package in a file; more than one where they depend on the Python."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    versions: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE):
        versions.setdefault(canonicalize_name(package), []).append(version)
    return versions


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_locked_in_a_version_that_it_allows(name):
    versions = locked(name)
    wanted = [*BASE, *(one for group in FILES[name] for one in GROUPS[group])]
    requirements = [Requirement(one) for one in wanted if isinstance(one, str)]
    others = [one for one in requirements if one.name != PROJECT["project"]["name"]]

    missing = [
        str(one)
        for one in others
        if not any(map(one.specifier.contains, versions.get(canonicalize_name(one.name), [])))
    ]
    assert missing == []
