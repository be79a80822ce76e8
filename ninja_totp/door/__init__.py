"""What both doors do for one call: who asks, the use case, the credentials, the answer.

Each function is synchronous, takes the caller and the parsed input, and returns the schema that
is sent. The Ninja routers run it in one hop, the REST framework views call it. Parsing, errors
and headers are the doors' own.
"""

from ninja_totp.door.caller import (
    Caller,
)
from ninja_totp.door.factor import (
    confirm,
    create,
    disable,
    events,
    qr_png,
    qr_svg,
    replace,
    revoke_trusted_device,
    rotate_backup_codes,
    status,
    trusted_devices,
    verify,
)
from ninja_totp.door.login import (
    DEVICE_COOKIE,
    account_of,
    begin_required_enrolment,
    complete_required_enrolment,
    log_in,
    log_out,
    refresh,
    verify_login,
    verify_token,
)
from ninja_totp.door.recovery import (
    cancel_recovery,
    confirm_recovery,
    request_recovery,
)

__all__ = [
    "DEVICE_COOKIE",
    "Caller",
    "account_of",
    "begin_required_enrolment",
    "cancel_recovery",
    "complete_required_enrolment",
    "confirm",
    "confirm_recovery",
    "create",
    "disable",
    "events",
    "log_in",
    "log_out",
    "qr_png",
    "qr_svg",
    "refresh",
    "replace",
    "request_recovery",
    "revoke_trusted_device",
    "rotate_backup_codes",
    "status",
    "trusted_devices",
    "verify",
    "verify_login",
    "verify_token",
]
