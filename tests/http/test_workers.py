"""Servers that the routers do not run under."""

import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from ninja_totp.api import NinjaJWT, create_login_router, create_recovery_router, create_router

ROUTERS = [create_router, create_recovery_router, lambda: create_login_router(issuer=NinjaJWT())]


@pytest.mark.parametrize("create", ROUTERS)
@pytest.mark.parametrize(
    ("module", "question"),
    [("gevent.monkey", "is_module_patched"), ("eventlet.patcher", "is_monkey_patched")],
)
@pytest.mark.parametrize("is_patched", [True, False])
def test_green_threads_are_refused(monkeypatch, module, question, create, is_patched):
    patching = SimpleNamespace(**{question: lambda name: is_patched})
    monkeypatch.setitem(sys.modules, module, patching)

    if is_patched:
        with pytest.raises(ImproperlyConfigured, match="gevent"):
            create()
    else:
        assert create()
