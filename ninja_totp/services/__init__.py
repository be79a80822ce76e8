"""The use cases: synchronous functions with their transaction inside, and asynchronous variants.

    from ninja_totp.services import averify_totp_code
    await averify_totp_code(user, code)

They raise the errors of `ninja_totp.core.errors`; none of them knows a request's body, a status
code or a serializer.
"""

from ninja_totp.services.authenticators import (
    TotpStatus as TotpStatus,
)
from ninja_totp.services.authenticators import (
    adisable_totp as adisable_totp,
)
from ninja_totp.services.authenticators import (
    ais_totp_enabled as ais_totp_enabled,
)
from ninja_totp.services.authenticators import (
    atotp_status as atotp_status,
)
from ninja_totp.services.authenticators import (
    averify_totp_code as averify_totp_code,
)
from ninja_totp.services.authenticators import (
    disable_totp as disable_totp,
)
from ninja_totp.services.authenticators import (
    is_totp_enabled as is_totp_enabled,
)
from ninja_totp.services.authenticators import (
    totp_status as totp_status,
)
from ninja_totp.services.authenticators import (
    verify_totp_code as verify_totp_code,
)
from ninja_totp.services.backup_codes import (
    arotate_backup_codes as arotate_backup_codes,
)
from ninja_totp.services.backup_codes import (
    astore_backup_codes as astore_backup_codes,
)
from ninja_totp.services.backup_codes import (
    averify_backup_code as averify_backup_code,
)
from ninja_totp.services.backup_codes import (
    rotate_backup_codes as rotate_backup_codes,
)
from ninja_totp.services.backup_codes import (
    store_backup_codes as store_backup_codes,
)
from ninja_totp.services.backup_codes import (
    verify_backup_code as verify_backup_code,
)
from ninja_totp.services.enrolment import (
    Confirmation as Confirmation,
)
from ninja_totp.services.enrolment import (
    TotpSetup as TotpSetup,
)
from ninja_totp.services.enrolment import (
    aconfirm_totp_setup as aconfirm_totp_setup,
)
from ninja_totp.services.enrolment import (
    acreate_totp_setup as acreate_totp_setup,
)
from ninja_totp.services.enrolment import (
    areplace_totp as areplace_totp,
)
from ninja_totp.services.enrolment import (
    confirm_totp_setup as confirm_totp_setup,
)
from ninja_totp.services.enrolment import (
    create_totp_setup as create_totp_setup,
)
from ninja_totp.services.enrolment import (
    replace_totp as replace_totp,
)
from ninja_totp.services.history import (
    EventPage as EventPage,
)
from ninja_totp.services.history import (
    TotpEvent as TotpEvent,
)
from ninja_totp.services.history import (
    aprune_events as aprune_events,
)
from ninja_totp.services.history import (
    atotp_events as atotp_events,
)
from ninja_totp.services.history import (
    prune_events as prune_events,
)
from ninja_totp.services.history import (
    totp_events as totp_events,
)
from ninja_totp.services.keys import (
    KeyUsage as KeyUsage,
)
from ninja_totp.services.keys import (
    Reencrypted as Reencrypted,
)
from ninja_totp.services.keys import (
    areencrypt_totp as areencrypt_totp,
)
from ninja_totp.services.keys import (
    atotp_keys as atotp_keys,
)
from ninja_totp.services.keys import (
    reencrypt_totp as reencrypt_totp,
)
from ninja_totp.services.keys import (
    totp_keys as totp_keys,
)
from ninja_totp.services.login import (
    CompletedLogin as CompletedLogin,
)
from ninja_totp.services.login import (
    FirstStep as FirstStep,
)
from ninja_totp.services.login import (
    abegin_login as abegin_login,
)
from ninja_totp.services.login import (
    abegin_login_for as abegin_login_for,
)
from ninja_totp.services.login import (
    acomplete_login as acomplete_login,
)
from ninja_totp.services.login import (
    agenerate_challenge_token as agenerate_challenge_token,
)
from ninja_totp.services.login import (
    aget_user_from_challenge_token as aget_user_from_challenge_token,
)
from ninja_totp.services.login import (
    begin_login as begin_login,
)
from ninja_totp.services.login import (
    begin_login_for as begin_login_for,
)
from ninja_totp.services.login import (
    complete_login as complete_login,
)
from ninja_totp.services.login import (
    generate_challenge_token as generate_challenge_token,
)
from ninja_totp.services.login import (
    get_user_from_challenge_token as get_user_from_challenge_token,
)
from ninja_totp.services.operators.actions import (
    areset_totp as areset_totp,
)
from ninja_totp.services.operators.actions import (
    aunlock_totp as aunlock_totp,
)
from ninja_totp.services.operators.actions import (
    reset_totp as reset_totp,
)
from ninja_totp.services.operators.actions import (
    unlock_totp as unlock_totp,
)
from ninja_totp.services.operators.inspection import (
    FactorState as FactorState,
)
from ninja_totp.services.operators.inspection import (
    LockState as LockState,
)
from ninja_totp.services.operators.inspection import (
    ainspect_totp as ainspect_totp,
)
from ninja_totp.services.operators.inspection import (
    inspect_totp as inspect_totp,
)
from ninja_totp.services.operators.pruning import (
    Pruned as Pruned,
)
from ninja_totp.services.operators.pruning import (
    aprune_totp as aprune_totp,
)
from ninja_totp.services.operators.pruning import (
    prune_totp as prune_totp,
)
from ninja_totp.services.operators.report import (
    Audience as Audience,
)
from ninja_totp.services.operators.report import (
    AudienceReport as AudienceReport,
)
from ninja_totp.services.operators.report import (
    atotp_report as atotp_report,
)
from ninja_totp.services.operators.report import (
    totp_report as totp_report,
)
from ninja_totp.services.policy.enforcement import (
    aenrolment_due_at as aenrolment_due_at,
)
from ninja_totp.services.policy.enforcement import (
    arequire_enrolled_in_time as arequire_enrolled_in_time,
)
from ninja_totp.services.policy.enforcement import (
    enrolment_due_at as enrolment_due_at,
)
from ninja_totp.services.policy.enforcement import (
    require_enrolled_in_time as require_enrolled_in_time,
)
from ninja_totp.services.policy.exemptions import (
    aend_totp_exemption as aend_totp_exemption,
)
from ninja_totp.services.policy.exemptions import (
    aexempt_from_totp as aexempt_from_totp,
)
from ninja_totp.services.policy.exemptions import (
    alive_exemptions as alive_exemptions,
)
from ninja_totp.services.policy.exemptions import (
    end_totp_exemption as end_totp_exemption,
)
from ninja_totp.services.policy.exemptions import (
    exempt_from_totp as exempt_from_totp,
)
from ninja_totp.services.policy.exemptions import (
    live_exemptions as live_exemptions,
)
from ninja_totp.services.policy.required_enrolment import (
    CompletedEnrolment as CompletedEnrolment,
)
from ninja_totp.services.policy.required_enrolment import (
    abegin_required_enrolment as abegin_required_enrolment,
)
from ninja_totp.services.policy.required_enrolment import (
    acomplete_required_enrolment as acomplete_required_enrolment,
)
from ninja_totp.services.policy.required_enrolment import (
    begin_required_enrolment as begin_required_enrolment,
)
from ninja_totp.services.policy.required_enrolment import (
    complete_required_enrolment as complete_required_enrolment,
)
from ninja_totp.services.recovery.links import RecoveryLink as RecoveryLink
from ninja_totp.services.recovery.recovery import (
    acancel_recovery as acancel_recovery,
)
from ninja_totp.services.recovery.recovery import (
    aconfirm_recovery as aconfirm_recovery,
)
from ninja_totp.services.recovery.recovery import (
    agenerate_recovery_link as agenerate_recovery_link,
)
from ninja_totp.services.recovery.recovery import (
    arequest_recovery as arequest_recovery,
)
from ninja_totp.services.recovery.recovery import (
    cancel_recovery as cancel_recovery,
)
from ninja_totp.services.recovery.recovery import (
    confirm_recovery as confirm_recovery,
)
from ninja_totp.services.recovery.recovery import (
    generate_recovery_link as generate_recovery_link,
)
from ninja_totp.services.recovery.recovery import (
    request_recovery as request_recovery,
)
from ninja_totp.services.step_up import (
    AuthContext as AuthContext,
)
from ninja_totp.services.step_up import (
    astep_up as astep_up,
)
from ninja_totp.services.step_up import (
    step_up as step_up,
)
from ninja_totp.services.trusted_devices import (
    TotpTrustedDevice as TotpTrustedDevice,
)
from ninja_totp.services.trusted_devices import (
    arevoke_trusted_device as arevoke_trusted_device,
)
from ninja_totp.services.trusted_devices import (
    atrusted_devices as atrusted_devices,
)
from ninja_totp.services.trusted_devices import (
    revoke_trusted_device as revoke_trusted_device,
)
from ninja_totp.services.trusted_devices import (
    trusted_devices as trusted_devices,
)
from ninja_totp.services.verify import (
    Proof as Proof,
)
