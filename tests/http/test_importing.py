"""What it takes to import the routers: who does not mount a router does not pay for its models."""

import os
import subprocess
import sys

import pytest

import ninja_totp.api
from ninja_totp.api.recovery import create_recovery_router, recovery_router


def modules_after(statement):
    """The modules of a process that has Django, this package and `statement`."""
    script = f"import django; django.setup(); {statement}; import sys; print(*sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_router_for_recovery_is_made_for_those_who_ask_for_it():
    assert "ninja_totp.api.recovery" not in modules_after("from ninja_totp.api import totp_router")


def test_it_is_among_the_names_of_the_package():
    assert ninja_totp.api.recovery_router is recovery_router
    assert ninja_totp.api.create_recovery_router is create_recovery_router


@pytest.mark.parametrize("name", ninja_totp.api.__all__)
def test_every_public_name_is_there(name):
    assert getattr(ninja_totp.api, name) is not None
    assert name in dir(ninja_totp.api)


def test_another_name_is_none_of_the_package():
    with pytest.raises(AttributeError, match=r"'ninja_totp\.api' has no attribute 'nothing'"):
        _ = ninja_totp.api.nothing
