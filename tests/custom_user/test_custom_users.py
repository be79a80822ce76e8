"""Runs the life cycle in each variant of a project, in a process of its own."""

import pytest

from tests.custom_user.variants import VARIANTS
from tests.support.other_process import pass_there


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_life_cycle(variant):
    settings, module = "tests.custom_user.settings", "tests/custom_user/life_cycle.py"
    pass_there(variant, settings, module, CUSTOM_USER_VARIANT=variant)
