"""What every test shares: `async def` tests just run, and tests of one service run only with it.

Async tests go through `async_to_sync`, as in Django's own TestCase, so that the ORM stays on the
thread (and thus in the connection and the transaction) of the test's fixtures. Fixtures live
beside the tests that they serve.
"""

import gc
import inspect
import os

import pytest
from asgiref.sync import async_to_sync
from hypothesis import settings

# A red run has to be red for everybody, and a busy machine is no defect of the code.
# `make check` takes the thorough profile, and `pytest --hypothesis-profile=default` looks for
# new examples.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("thorough", derandomize=True, deadline=None)
settings.load_profile("repeatable")

_SERVICES = {
    "postgres": os.environ.get("TOTP_TEST_DATABASE") == "postgres",
    "mariadb": os.environ.get("TOTP_TEST_DATABASE") == "mariadb",
    "redis": os.environ.get("TOTP_TEST_CACHE") == "redis",
}
# What tries much and reaches no line that no other test reaches: the tracer would double its time.
_UNTRACED = (
    *("attacks/", "custom_user/", "demo/", "fuzz/", "guarding/test_matrix.py", "guessing/"),
    *("drf/test_conformance.py", "http/test_conformance.py", "http/test_odd_input.py"),
    *("middleware/test_attacks.py", "other_packages/", "races/", "stateful/"),
    *("world/", "contract/test_rehash.py", "contract/test_lockout.py", "contract/test_change.py"),
    *("contract/test_standing.py", "contract/test_authenticators.py", "contract/test_floods.py"),
    *("guarding/test_setting_up.py", "recovery/test_asking_again.py", "languages/"),
    *("http/test_calls.py", "admin/test_what_staff_can_find_out.py"),
)


def _can_run(item: pytest.Item) -> bool:
    return all(in_use or not item.get_closest_marker(name) for name, in_use in _SERVICES.items())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are marked with a service which this run does not use."""
    config.hook.pytest_deselected(items=[item for item in items if not _can_run(item)])
    items[:] = filter(_can_run, items)
    for item in items:
        if item.nodeid.removeprefix("tests/").startswith(_UNTRACED):
            item.add_marker("no_cover")
    # The longest ones begin first, or at the end one process waits for the other to finish them.
    items.sort(key=lambda item: not item.get_closest_marker("slow"))


def pytest_collection_finish() -> None:
    """Spare the garbage collector the thousands of tests, which stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Make an async test callable, then leave the call to pytest."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = async_to_sync(pyfuncitem.obj)


@pytest.fixture
def clock(monkeypatch):
    """The only clock that the package reads. It stands still until the test moves it."""
    from tests.support.clock import StoppedClock

    return StoppedClock().install(monkeypatch)
