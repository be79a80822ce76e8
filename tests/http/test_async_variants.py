"""The asynchronous variants of the use cases, as `help()`, `inspect` and a report show them."""

import inspect

import pytest
from django.views.debug import ExceptionReporter

from ninja_totp import services
from ninja_totp.transactions import awaitable

VARIANTS = [name for name in vars(services) if name[0] == "a" and name[1:] in vars(services)]


def test_there_are_variants():
    assert len(VARIANTS) >= 15


def fail(code):
    """Fail at once."""
    raise RuntimeError


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_a_coroutine_function_named_after_its_use_case(name):
    use_case, variant = getattr(services, name[1:]), getattr(services, name)

    assert inspect.isfunction(variant)
    assert inspect.iscoroutinefunction(variant)
    assert variant.__name__ == variant.__qualname__ == name
    assert variant.__module__ == use_case.__module__
    assert variant.__doc__ == use_case.__doc__
    assert inspect.signature(variant) == inspect.signature(use_case)


async def test_an_error_report_shows_no_parameter_of_a_variant():
    code = "271828"

    with pytest.raises(RuntimeError) as raised:
        await awaitable(fail)(code)

    report = ExceptionReporter(None, raised.type, raised.value, raised.tb)
    frames = report.get_traceback_data()["frames"]
    inside = [frame["vars"] for frame in frames if frame["function"] == "variant"]
    assert inside
    assert code not in str(inside)
