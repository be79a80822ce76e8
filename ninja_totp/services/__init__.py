"""The use cases: synchronous functions with their transaction inside, and asynchronous variants.

    from ninja_totp.services import averify_totp_code
    await averify_totp_code(user, code)

They raise the errors of `ninja_totp.core.errors`; none of them knows a request's body, a status
code or a serializer.
"""

from ninja_totp.services.authenticators import (
    TotpAuthenticator as TotpAuthenticator,
    TotpStatus as TotpStatus,
    adisable_totp as adisable_totp,
    ais_totp_enabled as ais_totp_enabled,
    alist_authenticators as alist_authenticators,
    aremove_authenticator as aremove_authenticator,
    arename_authenticator as arename_authenticator,
    atotp_status as atotp_status,
    averify_totp_code as averify_totp_code,
    disable_totp as disable_totp,
    is_totp_enabled as is_totp_enabled,
    list_authenticators as list_authenticators,
    remove_authenticator as remove_authenticator,
    rename_authenticator as rename_authenticator,
    totp_status as totp_status,
    verify_totp_code as verify_totp_code,
)
from ninja_totp.services.backup_codes import (
    arotate_backup_codes as arotate_backup_codes,
    astore_backup_codes as astore_backup_codes,
    averify_backup_code as averify_backup_code,
    rotate_backup_codes as rotate_backup_codes,
    store_backup_codes as store_backup_codes,
    verify_backup_code as verify_backup_code,
)
from ninja_totp.services.enrolment import (
    Confirmation as Confirmation,
    TotpSetup as TotpSetup,
    aadd_authenticator as aadd_authenticator,
    aconfirm_totp_setup as aconfirm_totp_setup,
    acreate_totp_setup as acreate_totp_setup,
    add_authenticator as add_authenticator,
    areplace_totp as areplace_totp,
    confirm_totp_setup as confirm_totp_setup,
    create_totp_setup as create_totp_setup,
    replace_totp as replace_totp,
)
from ninja_totp.services.history import (
    EventPage as EventPage,
    TotpEvent as TotpEvent,
    aprune_events as aprune_events,
    atotp_events as atotp_events,
    prune_events as prune_events,
    totp_events as totp_events,
)
from ninja_totp.services.keys import (
    KeyUsage as KeyUsage,
    Reencrypted as Reencrypted,
    areencrypt_totp as areencrypt_totp,
    atotp_keys as atotp_keys,
    reencrypt_totp as reencrypt_totp,
    totp_keys as totp_keys,
)
from ninja_totp.services.login import (
    CompletedLogin as CompletedLogin,
    FirstStep as FirstStep,
    abegin_login as abegin_login,
    abegin_login_for as abegin_login_for,
    acomplete_login as acomplete_login,
    agenerate_challenge_token as agenerate_challenge_token,
    aget_user_from_challenge_token as aget_user_from_challenge_token,
    begin_login as begin_login,
    begin_login_for as begin_login_for,
    complete_login as complete_login,
    generate_challenge_token as generate_challenge_token,
    get_user_from_challenge_token as get_user_from_challenge_token,
)
from ninja_totp.services.operators.actions import (
    areset_totp as areset_totp,
    aunlock_totp as aunlock_totp,
    reset_totp as reset_totp,
    unlock_totp as unlock_totp,
)
from ninja_totp.services.operators.inspection import (
    FactorState as FactorState,
    LockState as LockState,
    ainspect_totp as ainspect_totp,
    inspect_totp as inspect_totp,
)
from ninja_totp.services.operators.pruning import (
    Pruned as Pruned,
    aprune_totp as aprune_totp,
    prune_totp as prune_totp,
)
from ninja_totp.services.operators.report import (
    Audience as Audience,
    AudienceReport as AudienceReport,
    atotp_report as atotp_report,
    totp_report as totp_report,
)
from ninja_totp.services.policy.enforcement import (
    aenrolment_due_at as aenrolment_due_at,
    arequire_enrolled_in_time as arequire_enrolled_in_time,
    enrolment_due_at as enrolment_due_at,
    require_enrolled_in_time as require_enrolled_in_time,
)
from ninja_totp.services.policy.exemptions import (
    acurrent_exemptions as acurrent_exemptions,
    aend_totp_exemption as aend_totp_exemption,
    aexempt_from_totp as aexempt_from_totp,
    current_exemptions as current_exemptions,
    end_totp_exemption as end_totp_exemption,
    exempt_from_totp as exempt_from_totp,
)
from ninja_totp.services.policy.required_enrolment import (
    CompletedEnrolment as CompletedEnrolment,
    abegin_required_enrolment as abegin_required_enrolment,
    acomplete_required_enrolment as acomplete_required_enrolment,
    begin_required_enrolment as begin_required_enrolment,
    complete_required_enrolment as complete_required_enrolment,
)
from ninja_totp.services.recovery.links import RecoveryLink as RecoveryLink
from ninja_totp.services.recovery.recovery import (
    acancel_recovery as acancel_recovery,
    aconfirm_recovery as aconfirm_recovery,
    agenerate_recovery_link as agenerate_recovery_link,
    arequest_recovery as arequest_recovery,
    cancel_recovery as cancel_recovery,
    confirm_recovery as confirm_recovery,
    generate_recovery_link as generate_recovery_link,
    request_recovery as request_recovery,
)
from ninja_totp.services.step_up import (
    AuthContext as AuthContext,
    astep_up as astep_up,
    step_up as step_up,
)
from ninja_totp.services.trusted_devices import (
    TotpTrustedDevice as TotpTrustedDevice,
    arevoke_trusted_device as arevoke_trusted_device,
    atrusted_devices as atrusted_devices,
    revoke_trusted_device as revoke_trusted_device,
    trusted_devices as trusted_devices,
)
from ninja_totp.services.verify import (
    Proof as Proof,
)
