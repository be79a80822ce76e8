"""What both packages are asked: each documented endpoint and helper, with success and errors.

A case takes a side and returns what the last step brought: a response, or what a helper returned
or raised. The cases stand in the modules of this package, in the order of the table.
"""

from tests.compat.cases import around, helpers, logging_in, management, recovering
from tests.compat.cases.case import CASES, Case

__all__ = ["CASES", "Case", "around", "helpers", "logging_in", "management", "recovering"]
