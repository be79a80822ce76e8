"""The use cases: each a synchronous function with its transaction inside, and its awaitable twin.

    from ninja_totp.services import averify_totp_code
    await averify_totp_code(user, code)

They raise the errors of `ninja_totp.core.errors`; none of them knows a request's body, a status
code or a serializer.
"""

from ninja_totp.services.backup_codes import (
    arotate_backup_codes,
    astore_backup_codes,
    averify_backup_code,
    rotate_backup_codes,
    store_backup_codes,
    verify_backup_code,
)
from ninja_totp.services.enrolment import (
    Confirmation,
    TotpSetup,
    aconfirm_totp_setup,
    acreate_totp_setup,
    apending_totp_uri,
    areplace_totp,
    confirm_totp_setup,
    create_totp_setup,
    pending_totp_uri,
    replace_totp,
)
from ninja_totp.services.events import (
    EventPage,
    TotpEvent,
    aprune_events,
    atotp_events,
    prune_events,
    totp_events,
)
from ninja_totp.services.keys import (
    KeyUsage,
    Reencrypted,
    areencrypt_totp,
    atotp_keys,
    reencrypt_totp,
    totp_keys,
)
from ninja_totp.services.login import (
    CompletedLogin,
    FirstStep,
    abegin_login,
    acomplete_login,
    agenerate_challenge_token,
    aget_user_from_challenge_token,
    begin_login,
    complete_login,
    generate_challenge_token,
    get_user_from_challenge_token,
)
from ninja_totp.services.operators.actions import (
    areset_totp,
    aunlock_totp,
    reset_totp,
    unlock_totp,
)
from ninja_totp.services.operators.inspection import (
    FactorState,
    LockState,
    ainspect_totp,
    inspect_totp,
)
from ninja_totp.services.operators.pruning import Pruned, aprune_totp, prune_totp
from ninja_totp.services.operators.report import (
    Audience,
    AudienceReport,
    atotp_report,
    totp_report,
)
from ninja_totp.services.policy.enforcement import (
    aenrolment_due_at,
    arequire_enrolled_in_time,
    enrolment_due_at,
    require_enrolled_in_time,
)
from ninja_totp.services.policy.exemptions import (
    aend_totp_exemption,
    aexempt_from_totp,
    alive_exemptions,
    end_totp_exemption,
    exempt_from_totp,
    live_exemptions,
)
from ninja_totp.services.policy.required_enrolment import (
    CompletedEnrolment,
    abegin_required_enrolment,
    acomplete_required_enrolment,
    begin_required_enrolment,
    complete_required_enrolment,
)
from ninja_totp.services.proof import Proof
from ninja_totp.services.recovery.recovery import (
    RecoveryLink,
    acancel_recovery,
    aconfirm_recovery,
    agenerate_recovery_link,
    arequest_recovery,
    cancel_recovery,
    confirm_recovery,
    generate_recovery_link,
    request_recovery,
)
from ninja_totp.services.status import TotpStatus, atotp_status, totp_status
from ninja_totp.services.step_up import AuthContext, astep_up, step_up
from ninja_totp.services.totp import (
    adisable_totp,
    ais_totp_enabled,
    averify_totp_code,
    disable_totp,
    is_totp_enabled,
    verify_totp_code,
)
from ninja_totp.services.trusted_devices import (
    TotpTrustedDevice,
    arevoke_trusted_device,
    atrusted_devices,
    revoke_trusted_device,
    trusted_devices,
)

__all__ = [
    "Audience",
    "AudienceReport",
    "AuthContext",
    "CompletedEnrolment",
    "CompletedLogin",
    "Confirmation",
    "EventPage",
    "FactorState",
    "FirstStep",
    "KeyUsage",
    "LockState",
    "Proof",
    "Pruned",
    "RecoveryLink",
    "Reencrypted",
    "TotpEvent",
    "TotpSetup",
    "TotpStatus",
    "TotpTrustedDevice",
    "abegin_login",
    "abegin_required_enrolment",
    "acancel_recovery",
    "acomplete_login",
    "acomplete_required_enrolment",
    "aconfirm_recovery",
    "aconfirm_totp_setup",
    "acreate_totp_setup",
    "adisable_totp",
    "aend_totp_exemption",
    "aenrolment_due_at",
    "aexempt_from_totp",
    "agenerate_challenge_token",
    "agenerate_recovery_link",
    "aget_user_from_challenge_token",
    "ainspect_totp",
    "ais_totp_enabled",
    "alive_exemptions",
    "apending_totp_uri",
    "aprune_events",
    "aprune_totp",
    "areencrypt_totp",
    "areplace_totp",
    "arequest_recovery",
    "arequire_enrolled_in_time",
    "areset_totp",
    "arevoke_trusted_device",
    "arotate_backup_codes",
    "astep_up",
    "astore_backup_codes",
    "atotp_events",
    "atotp_keys",
    "atotp_report",
    "atotp_status",
    "atrusted_devices",
    "aunlock_totp",
    "averify_backup_code",
    "averify_totp_code",
    "begin_login",
    "begin_required_enrolment",
    "cancel_recovery",
    "complete_login",
    "complete_required_enrolment",
    "confirm_recovery",
    "confirm_totp_setup",
    "create_totp_setup",
    "disable_totp",
    "end_totp_exemption",
    "enrolment_due_at",
    "exempt_from_totp",
    "generate_challenge_token",
    "generate_recovery_link",
    "get_user_from_challenge_token",
    "inspect_totp",
    "is_totp_enabled",
    "live_exemptions",
    "pending_totp_uri",
    "prune_events",
    "prune_totp",
    "reencrypt_totp",
    "replace_totp",
    "request_recovery",
    "require_enrolled_in_time",
    "reset_totp",
    "revoke_trusted_device",
    "rotate_backup_codes",
    "step_up",
    "store_backup_codes",
    "totp_events",
    "totp_keys",
    "totp_report",
    "totp_status",
    "trusted_devices",
    "unlock_totp",
    "verify_backup_code",
    "verify_totp_code",
]
