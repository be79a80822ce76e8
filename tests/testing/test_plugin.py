"""The fixtures of the pytest plugin, in a project's own tests, and what it costs to load it."""

import os
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

PROJECT = """
import logging

from ninja_totp import clock
from ninja_totp.services import is_totp_enabled


def test_somebody_is_enrolled(totp_enroll, django_user_model, totp_clock):
    enrolment = totp_enroll(django_user_model.objects.create_user("ada"))
    before = enrolment.code()
    totp_clock.advance(30)
    assert enrolment.code() != before
    assert clock.now() == totp_clock.now()


def test_somebody_is_logged_in(totp_enroll, totp_verified_client, django_user_model):
    ada = django_user_model.objects.create_user("ada")
    client = totp_verified_client(totp_enroll(ada))
    client.post("/ninja/totp/disable/", content_type="application/json")
    assert not is_totp_enabled(ada)


def test_nothing_is_logged(no_totp_secrets_logged, totp_enroll, django_user_model):
    totp_enroll(django_user_model.objects.create_user("ada"))


def test_a_secret_is_logged(no_totp_secrets_logged, totp_enroll, django_user_model):
    enrolment = totp_enroll(django_user_model.objects.create_user("ada"))
    logging.getLogger("mysite").info("enrolled with %s", enrolment.secret)
"""


def run(*words, **environment):
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_project_gets_the_fixtures_without_asking_for_them(tmp_path):
    (tmp_path / "test_project.py").write_text(PROJECT)
    name = f"plugin_{os.getpid()}"

    done = run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"),
        *("--rootdir", str(tmp_path), "-c", os.devnull, "--ds=tests.settings", str(tmp_path)),
        TOTP_TEST_DATABASE_NAME=name,
    )

    assert "4 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "AssertionError: Secrets were logged:" in done.stdout
    assert "mysite: enrolled with ***" in done.stdout


def loaded_by(statement):
    done = run("-c", f"{statement}; import sys; print(*sys.modules)", DJANGO_SETTINGS_MODULE="")

    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_loading_the_plugin_loads_nothing_of_django():
    # pytest loads it in projects that have no settings yet, or no Django at all.
    assert not loaded_by("import ninja_totp.pytest_plugin") & {"django", "ninja", "rest_framework"}


def test_the_helpers_load_no_optional_package():
    setup = (
        "from django.conf import settings; settings.configure(INSTALLED_APPS=["
        "'django.contrib.auth', 'django.contrib.contenttypes', 'ninja_totp']); "
        "import django; django.setup(); import ninja_totp.testing"
    )

    optional = {"pytest", "rest_framework", "rest_framework_simplejwt", "ninja_jwt", "jwt"}
    assert not loaded_by(setup) & optional


def test_the_fixtures_serve_tests_here_too(
    totp_enroll, totp_verified_client, no_totp_secrets_logged, django_user_model
):
    enrolment = totp_enroll(django_user_model.objects.create_user("ada"))

    client = totp_verified_client(enrolment)

    assert client.get("/ninja/totp/status/").json()["is_totp_enabled"] is True
