"""For the tests of projects that use ninja_totp: enrolled users, codes, clients, a clock, a guard.

    from ninja_totp.testing import current_code, enroll

Nothing of pytest is needed; with pytest there are fixtures besides (`ninja_totp/pytest_plugin.py`).
A client of Django REST Framework is in `drf_compat.testing`. Not for production: `enroll` asks for
no proof and forgets that a code was used.
"""

from ninja_totp.testing.clients import (
    averified_client as averified_client,
    averified_headers as averified_headers,
    averified_ninja_client as averified_ninja_client,
    verified_client as verified_client,
    verified_headers as verified_headers,
    verified_ninja_client as verified_ninja_client,
)
from ninja_totp.testing.clock import FrozenClock as FrozenClock, frozen_clock as frozen_clock
from ninja_totp.testing.enrolment import (
    Enrolment as Enrolment,
    acurrent_code as acurrent_code,
    aenroll as aenroll,
    current_code as current_code,
    enroll as enroll,
)
from ninja_totp.testing.leaks import (
    LogWatch as LogWatch,
    assert_no_secrets_logged as assert_no_secrets_logged,
)
