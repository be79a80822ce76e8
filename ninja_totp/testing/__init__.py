"""Helpers for tests of projects: users with 2FA, codes, clients, a clock, a check of the logs.

    from ninja_totp.testing import current_code, enroll

They do not need pytest; for pytest there are fixtures (`ninja_totp/pytest_plugin.py`). A client of
Django REST Framework is in `drf_compat.testing`. Not for production: `enroll` needs no proof and
forgets that a code was used.
"""

from ninja_totp.testing.clients import (
    averified_client as averified_client,
    averified_headers as averified_headers,
    averified_ninja_client as averified_ninja_client,
    verified_client as verified_client,
    verified_headers as verified_headers,
    verified_ninja_client as verified_ninja_client,
)
from ninja_totp.testing.enrolment import (
    Enrolment as Enrolment,
    FrozenClock as FrozenClock,
    acurrent_code as acurrent_code,
    aenroll as aenroll,
    current_code as current_code,
    enroll as enroll,
    frozen_clock as frozen_clock,
)
from ninja_totp.testing.leaks import (
    LogWatch as LogWatch,
    assert_no_secrets_logged as assert_no_secrets_logged,
)
