"""The use cases: synchronous functions with their transaction inside, and asynchronous variants.

    from ninja_totp.services import averify_totp_code
    await averify_totp_code(user, code)

They raise the errors of `ninja_totp.core.errors`; none of them knows a request's body, a status
code or a serializer.
"""

from ninja_totp.services.authenticators import (
    LockState as LockState,
    TotpAuthenticator as TotpAuthenticator,
    TotpStatus as TotpStatus,
    disable_totp as disable_totp,
    is_totp_enabled as is_totp_enabled,
    list_authenticators as list_authenticators,
    remove_authenticator as remove_authenticator,
    rename_authenticator as rename_authenticator,
    totp_status as totp_status,
    verify_totp_code as verify_totp_code,
)
from ninja_totp.services.backup_codes import (
    rotate_backup_codes as rotate_backup_codes,
    store_backup_codes as store_backup_codes,
    verify_backup_code as verify_backup_code,
)
from ninja_totp.services.enrolment import (
    Confirmation as Confirmation,
    TotpSetup as TotpSetup,
    add_authenticator as add_authenticator,
    confirm_totp_setup as confirm_totp_setup,
    create_totp_setup as create_totp_setup,
    replace_totp as replace_totp,
)
from ninja_totp.services.first_step import (
    FirstStep as FirstStep,
    begin_login as begin_login,
    begin_login_for as begin_login_for,
)
from ninja_totp.services.history import (
    EventPage as EventPage,
    TotpEvent as TotpEvent,
    prune_events as prune_events,
    totp_events as totp_events,
)
from ninja_totp.services.login import (
    CompletedEnrolment as CompletedEnrolment,
    CompletedLogin as CompletedLogin,
    begin_required_enrolment as begin_required_enrolment,
    complete_login as complete_login,
    complete_required_enrolment as complete_required_enrolment,
    generate_challenge_token as generate_challenge_token,
    get_user_from_challenge_token as get_user_from_challenge_token,
)
from ninja_totp.services.operators.accounts import (
    FactorState as FactorState,
    current_exemptions as current_exemptions,
    end_totp_exemption as end_totp_exemption,
    exempt_from_totp as exempt_from_totp,
    inspect_totp as inspect_totp,
    reset_totp as reset_totp,
    unlock_totp as unlock_totp,
)
from ninja_totp.services.operators.maintenance import (
    KeyUsage as KeyUsage,
    Pruned as Pruned,
    Reencrypted as Reencrypted,
    prune_totp as prune_totp,
    reencrypt_totp as reencrypt_totp,
    totp_keys as totp_keys,
)
from ninja_totp.services.policy.enforcement import (
    Audience as Audience,
    AudienceReport as AudienceReport,
    enrolment_due_at as enrolment_due_at,
    require_enrolled_in_time as require_enrolled_in_time,
    totp_report as totp_report,
)
from ninja_totp.services.recovery.links import RecoveryLink as RecoveryLink
from ninja_totp.services.recovery.recovery import (
    cancel_recovery as cancel_recovery,
    confirm_recovery as confirm_recovery,
    generate_recovery_link as generate_recovery_link,
    request_recovery as request_recovery,
)
from ninja_totp.services.step_up import AuthContext as AuthContext, step_up as step_up
from ninja_totp.services.trusted_devices import (
    TotpTrustedDevice as TotpTrustedDevice,
    revoke_trusted_device as revoke_trusted_device,
    trusted_devices as trusted_devices,
)
from ninja_totp.services.verify import Proof as Proof
from ninja_totp.transactions import awaitable as _awaitable

aadd_authenticator = _awaitable(add_authenticator)
abegin_login = _awaitable(begin_login)
abegin_login_for = _awaitable(begin_login_for)
abegin_required_enrolment = _awaitable(begin_required_enrolment)
acancel_recovery = _awaitable(cancel_recovery)
acomplete_login = _awaitable(complete_login)
acomplete_required_enrolment = _awaitable(complete_required_enrolment)
aconfirm_recovery = _awaitable(confirm_recovery)
aconfirm_totp_setup = _awaitable(confirm_totp_setup)
acreate_totp_setup = _awaitable(create_totp_setup)
acurrent_exemptions = _awaitable(current_exemptions)
adisable_totp = _awaitable(disable_totp)
aend_totp_exemption = _awaitable(end_totp_exemption)
aenrolment_due_at = _awaitable(enrolment_due_at)
aexempt_from_totp = _awaitable(exempt_from_totp)
agenerate_challenge_token = _awaitable(generate_challenge_token)
agenerate_recovery_link = _awaitable(generate_recovery_link)
aget_user_from_challenge_token = _awaitable(get_user_from_challenge_token)
ainspect_totp = _awaitable(inspect_totp)
ais_totp_enabled = _awaitable(is_totp_enabled)
alist_authenticators = _awaitable(list_authenticators)
aprune_events = _awaitable(prune_events)
aprune_totp = _awaitable(prune_totp)
areencrypt_totp = _awaitable(reencrypt_totp)
aremove_authenticator = _awaitable(remove_authenticator)
arename_authenticator = _awaitable(rename_authenticator)
areplace_totp = _awaitable(replace_totp)
arequest_recovery = _awaitable(request_recovery)
arequire_enrolled_in_time = _awaitable(require_enrolled_in_time)
areset_totp = _awaitable(reset_totp)
arevoke_trusted_device = _awaitable(revoke_trusted_device)
arotate_backup_codes = _awaitable(rotate_backup_codes)
astep_up = _awaitable(step_up)
astore_backup_codes = _awaitable(store_backup_codes)
atotp_events = _awaitable(totp_events)
atotp_keys = _awaitable(totp_keys)
atotp_report = _awaitable(totp_report)
atotp_status = _awaitable(totp_status)
atrusted_devices = _awaitable(trusted_devices)
aunlock_totp = _awaitable(unlock_totp)
averify_backup_code = _awaitable(verify_backup_code)
averify_totp_code = _awaitable(verify_totp_code)
