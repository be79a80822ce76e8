"""What every test shares: `async def` tests just run. Fixtures live beside the tests they serve.

Async tests go through `async_to_sync`, as in Django's own TestCase, so that the ORM stays on the
thread (and thus in the connection and the transaction) of the test's fixtures.
"""

import inspect

import pytest
from asgiref.sync import async_to_sync


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Make an async test callable, then leave the call to pytest."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = async_to_sync(pyfuncitem.obj)
