"""Each source against the real package: in a process and with settings of its own.

The tests themselves are in `peers/`, one file for each source and one for the commands of all
guides, where pytest does not look. A package that is not installed is skipped;
`make test-importers` installs them all.
"""

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DISTRIBUTIONS = {
    "django_totp": "django-totp",
    "django_otp": "django-otp",
    "two_factor": "django-two-factor-auth",
    "allauth_mfa": "fido2",  # of the extra "mfa", which allauth needs for this
    "drf_totp": "drf-totp",
    "drf_jwt_2fa": "drf-jwt-2fa",
    "django_mfa": "django-mfa",
    "trench": "django-trench",
    "mfa2": "django-mfa2",
    "mfa3": "django-mfa3",
    "dj_rest_auth_mfa": "dj-rest-auth",
}
OPTIONS = [
    "--ds=tests.importers.settings",
    "-W",
    "default",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",
    "--cov",
    "--cov-append",
    f"--cov-config={HERE / 'coveragerc'}",
    "--cov-report=",
]
# `make test-importers` names what it has installed, so that none of it is skipped by accident.
REQUIRED = os.environ.get("TOTP_TEST_PEERS", "").split()


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("source", DISTRIBUTIONS)
def test_users_of_the_real_package_come_along(source):
    distribution = DISTRIBUTIONS[source]
    if source not in REQUIRED and not _is_installed(distribution):
        pytest.skip(f"{distribution} is not installed here; make test-importers does")

    process = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *OPTIONS),
            *(HERE / "peers" / f"{source}.py", HERE / "peers" / "guides.py"),
        ],
        env=os.environ | {"TOTP_TEST_PEER": source},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert process.returncode == 0, process.stdout + process.stderr
