"""What other code hears, and when."""

import logging
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ninja_totp import signals
from ninja_totp.core.errors import (
    EnrolmentLocked,
    InvalidCode,
    InvalidEnrolmentCode,
    InvalidRecoveryPassword,
    Locked,
    Unavailable,
)
from ninja_totp.emails import at_once
from ninja_totp.services import (
    Proof,
    add_authenticator,
    begin_login,
    begin_required_enrolment,
    cancel_recovery,
    complete_login,
    complete_required_enrolment,
    confirm_recovery,
    confirm_totp_setup,
    create_totp_setup,
    disable_totp,
    end_totp_exemption,
    exempt_from_totp,
    generate_recovery_link,
    remove_authenticator,
    rename_authenticator,
    replace_totp,
    request_recovery,
    rotate_backup_codes,
    step_up,
    unlock_totp,
    verify_backup_code,
    verify_totp_code,
)
from tests.services.keys import NEW_KEY
from tests.support.cast import NEW_PASSWORD, PASSWORD, WRONG_BACKUP_CODE, Authenticator

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = signals.NAMES
WRONG_PASSWORD = "incorrect donkey"
# Sent after the answer, when there is no request any more.
REQUESTS = {"totp_recovery_requested": None}


@pytest.fixture
def heard():
    """What is sent from now on: (name of the signal, what it carries)."""
    sent = []

    def hear(signal, **carried):
        sent.append((NAMES[signal], carried))

    for signal in NAMES:
        signal.connect(hear)
    yield sent
    for signal in NAMES:
        signal.disconnect(hear)


def names(heard):
    return [name for name, _ in heard]


def test_an_enrolment_is_announced_once_it_is_confirmed(ada, clock, heard):
    phone = Authenticator(create_totp_setup(ada).secret, clock)
    assert heard == []

    confirm_totp_setup(ada, phone.code())

    assert names(heard) == ["totp_verified", "totp_created"]


def test_a_wrong_code_of_an_enrolment_is_announced_and_its_lock_is_not(ada, clock, heard):
    phone = Authenticator(create_totp_setup(ada).secret, clock)

    for _ in range(7):
        with suppress(InvalidEnrolmentCode, EnrolmentLocked):
            confirm_totp_setup(ada, phone.wrong_code())

    assert names(heard) == ["totp_failed"] * 5
    assert heard[0][1]["method"] == "otp"


def test_a_right_code_is_announced(owner, heard):
    verify_totp_code(owner.user, owner.authenticator.code())

    assert names(heard) == ["totp_verified"]
    assert heard[0][1]["method"] == "otp"


def test_a_backup_code_is_announced_as_such(owner, heard):
    verify_backup_code(owner.user, owner.backup_codes[0])

    assert names(heard) == ["totp_verified"]
    assert heard[0][1]["method"] == "backup_code"


def test_a_wrong_code_is_announced(owner, heard):
    verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert names(heard) == ["totp_failed"]


def test_a_replay_is_announced_as_such(owner, heard):
    code = owner.authenticator.code()
    verify_totp_code(owner.user, code)

    verify_totp_code(owner.user, code)

    assert names(heard) == ["totp_verified", "totp_replayed"]


def test_a_lock_is_announced_once_when_it_begins(owner, heard):
    for _ in range(7):
        with suppress(Locked):
            verify_totp_code(owner.user, owner.authenticator.wrong_code())

    assert names(heard) == ["totp_failed"] * 5 + ["totp_locked"]


def test_each_lock_is_announced(owner, clock, heard):
    for _ in range(6):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
        clock.advance(60)

    assert names(heard).count("totp_locked") == 2


def test_a_wrong_pair_announces_no_new_lock(owner, heard):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
    with pytest.raises(InvalidCode):
        owner.log_in(otp_codes=("000000", "000000"))

    assert names(heard).count("totp_locked") == 1


def test_a_login_with_both_factors_is_announced(owner, heard):
    owner.log_in(otp_code=owner.authenticator.code())

    assert names(heard) == ["totp_verified", "totp_login_succeeded"]


def test_a_required_enrolment_is_announced_as_the_login_that_it_is(ada, clock, heard, settings):
    settings.TOTP_REQUIRED = "all"
    request = HttpRequest()
    step = begin_login(request, username="ada", password=PASSWORD, offers_enrolment=True)
    phone = Authenticator(begin_required_enrolment(step.enrolment_token).secret, clock)
    assert heard == []

    complete_required_enrolment(step.enrolment_token, phone.code(), request=request)

    assert names(heard) == ["totp_verified", "totp_created", "totp_login_succeeded"]
    assert all(carried["request"] is request for _, carried in heard)


def test_a_login_without_a_second_factor_is_announced(ada, heard):
    begin_login(None, username="ada", password=PASSWORD)

    assert names(heard) == ["non_totp_login_succeeded"]


def test_a_login_of_a_trusted_device_is_announced_as_such(owner, heard, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    login = complete_login(owner.open_challenge(), owner.right, trust_device="laptop")
    heard.clear()

    token = login.trusted_device_token
    begin_login(None, username="ada", password=PASSWORD, trusted_device_token=token)

    assert names(heard) == ["trusted_device_login_succeeded"]


def test_a_copied_token_of_a_trusted_device_is_announced(owner, heard, settings):
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    token = complete_login(
        owner.open_challenge(), owner.right, trust_device="laptop"
    ).trusted_device_token
    begin_login(None, username="ada", password=PASSWORD, trusted_device_token=token)
    heard.clear()

    begin_login(None, username="ada", password=PASSWORD, trusted_device_token=token)

    assert names(heard) == ["trusted_device_reused"]


def test_a_first_step_is_no_login(owner, heard):
    owner.open_challenge()

    assert heard == []


@pytest.mark.parametrize(
    ("change", "name"),
    [(disable_totp, "totp_disabled"), (rotate_backup_codes, "backup_codes_rotated")],
)
def test_a_change_is_announced(owner, heard, change, name):
    change(owner.user)

    assert names(heard) == [name]


def test_calling_off_an_enrolment_is_nothing_to_announce(ada, heard):
    create_totp_setup(ada)

    disable_totp(ada)

    assert heard == []


def every_use_case(owner, clock, request):
    """Every use case that announces something; returns every secret that was seen on the way."""
    code, backup_codes = (
        owner.authenticator.code(),
        rotate_backup_codes(owner.user, request=request),
    )
    verify_totp_code(owner.user, code, request=request)
    verify_totp_code(owner.user, code, request=request)
    verify_backup_code(owner.user, WRONG_BACKUP_CODE, request=request)
    step_up(owner.user, Proof(backup_code=backup_codes[0]), request=request)
    challenge = begin_login(request, username="ada", password=PASSWORD).challenge_token
    clock.advance(60)
    login_code = owner.authenticator.code()
    complete_login(challenge, Proof(otp_code=login_code), request=request)
    added = every_change_of_an_authenticator(owner, clock, request)
    secret = replace_totp(owner.user, request=request).secret
    confirmation = confirm_totp_setup(
        owner.user, Authenticator(secret, clock).code(), request=request
    )
    trusted = every_trust(confirmation.backup_codes[0], request)
    disable_totp(owner.user, request=request)
    begin_login(request, username="ada", password=PASSWORD)
    recovered = every_recovery(owner, clock, request)
    return [
        *recovered,
        *trusted,
        added,
        code,
        login_code,
        secret,
        owner.authenticator.secret,
        challenge,
        PASSWORD,
        WRONG_BACKUP_CODE,
        *backup_codes,
        *confirmation.backup_codes,
    ]


def every_change_of_an_authenticator(owner, clock, request):
    """One is added, renamed and removed; returns its secret."""
    added = add_authenticator(owner.user, "Tablet", request=request)
    confirm_totp_setup(owner.user, Authenticator(added.secret, clock).code(), request=request)
    rename_authenticator(owner.user, added.id, "Spare", request=request)
    remove_authenticator(owner.user, added.id, request=request)
    return added.secret


def every_trust(backup_code, request):
    """A device is trusted and logs in, and a copy of its first token; returns its tokens."""
    challenge = begin_login(request, username="ada", password=PASSWORD).challenge_token
    proof = Proof(backup_code=backup_code)
    login = complete_login(challenge, proof, trust_device="laptop", request=request)
    step = begin_login(
        request,
        username="ada",
        password=PASSWORD,
        trusted_device_token=login.trusted_device_token,
    )
    copied = login.trusted_device_token
    begin_login(request, username="ada", password=PASSWORD, trusted_device_token=copied)
    return [login.trusted_device_token, step.trusted_device_token]


def every_recovery(owner, clock, request):
    """A recovery that is cancelled and one that is finished; returns what must not be heard."""
    code = Authenticator(create_totp_setup(owner.user).secret, clock).code()
    confirm_totp_setup(owner.user, code, request=request)
    request_recovery(owner.user.email)
    cancelled = generate_recovery_link(owner.user)
    cancel_recovery(cancelled.uid, cancelled.token, request=request)
    used = generate_recovery_link(owner.user)
    link = used.uid, used.token
    with pytest.raises(InvalidRecoveryPassword):
        confirm_recovery(*link, WRONG_PASSWORD, new_password=NEW_PASSWORD, request=request)
    confirm_recovery(*link, PASSWORD, new_password=NEW_PASSWORD, request=request)
    return [cancelled.token, used.token, WRONG_PASSWORD]


def test_a_signal_carries_user_and_request_and_no_secret(owner, clock, heard, settings):
    request = HttpRequest()

    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    every_use_case(owner, clock, request)

    assert set(names(heard)) == set(NAMES.values()) - {"totp_locked"}
    for name, carried in heard:
        about = {"authenticator", "name"} if "_authenticator_" in name else {"method"}
        assert set(carried) <= {"sender", "user", "request", "api"} | about
        assert carried["user"].pk == owner.user.pk
        assert carried["request"] == REQUESTS.get(name, request)
        assert carried["sender"] is type(owner.user)
        assert carried.get("method", "otp") in ("otp", "backup_code")


def test_the_log_tells_of_the_same_events_and_of_no_secret(owner, clock, heard, caplog, settings):
    caplog.set_level(logging.DEBUG)

    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    secrets = every_use_case(owner, clock, HttpRequest())

    assert all(name in caplog.text for name in names(heard))
    assert not [secret for secret in secrets if secret in caplog.text]


def test_a_line_of_the_log_has_its_fields(owner, clock, heard, caplog, settings):
    caplog.set_level(logging.INFO, "ninja_totp")
    settings.TOTP_TRUSTED_DEVICE_MAX_AGE = 3600
    every_use_case(owner, clock, HttpRequest())

    fields = [vars(record) for record in caplog.records if record.name == "ninja_totp"]

    assert [one["event"] for one in fields] == names(heard)
    assert {one["user"] for one in fields} == {str(owner.user.pk)}
    for one, (name, carried) in zip(fields, heard, strict=True):
        about = {"method", "authenticator"} & carried.keys()
        assert {key: one[key] for key in about} == {key: carried[key] for key in about}
        assert one.get("authenticator_name") == carried.get("name"), name
        assert one["name"] == "ninja_totp"


@pytest.fixture
def own_field(caplog):
    """A function that lets the records of the project have a field of that name."""
    caplog.set_level(logging.INFO, "ninja_totp")
    factory = logging.getLogRecordFactory()

    def own(field):
        def records(*about, **more):
            record = factory(*about, **more)
            setattr(record, field, "the project's")
            return record

        logging.setLogRecordFactory(records)

    yield own
    logging.setLogRecordFactory(factory)


@pytest.mark.parametrize("field", ["event", "user", "api", "method"])
def test_a_project_may_set_a_field_of_its_records_itself(owner, heard, caplog, own_field, field):
    own_field(field)

    assert verify_totp_code(owner.user, owner.authenticator.code())

    told = {"event": "totp_verified", "user": str(owner.user.pk), "api": "", "method": "otp"}
    record = vars(caplog.records[-1])
    assert {name: record[name] for name in told} == told | {field: "the project's"}
    assert names(heard) == ["totp_verified"]


@pytest.mark.parametrize("field", ["event", "user", "by", "reason"])
def test_operators_may_act_there_too(owner, clock, caplog, own_field, field):
    own_field(field)
    about = {"actor": "Grace", "reason": "asked"}

    unlock_totp(owner.user, **about)
    exempt_from_totp(
        owner.user, expires_at=datetime.fromtimestamp(clock.now() + 86_400, UTC), **about
    )
    end_totp_exemption(owner.user, **about)

    told = {"user": str(owner.user.pk), "by": "Grace", "reason": "asked"}
    for event in ("totp_unlock", "totp_exempt", "totp_exemption_ended"):
        record = vars(next(one for one in caplog.records if f"{event} " in one.getMessage()))
        expected = {"event": event} | told | {field: "the project's"}
        assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize("field", ["event", "user"])
def test_a_secret_that_no_key_opens_is_no_other_error_there(
    owner, caplog, own_field, settings, field
):
    own_field(field)
    settings.TOTP_ENCRYPTION_KEY = NEW_KEY

    with pytest.raises(Unavailable):
        verify_totp_code(owner.user, owner.authenticator.code())

    assert vars(caplog.records[-1])[field] == "the project's"


def test_a_dispatcher_that_fails_there_changes_nothing(owner, caplog, own_field, settings):
    def fail(job, **arguments):
        raise OSError

    own_field("event")
    settings.TOTP_RECOVERY_DISPATCHER = fail

    assert verify_backup_code(owner.user, owner.backup_codes[0])

    assert "A callback after the commit failed: OSError" in caplog.text


@pytest.mark.parametrize("name", ["totp_replayed", "totp_locked"])
def test_what_points_to_an_attack_is_logged_as_a_warning(owner, caplog, name):
    signals.announce(getattr(signals, name), user=owner.user, request=None)

    assert caplog.records[-1].levelno == logging.WARNING
    assert name in caplog.records[-1].getMessage()


def test_nothing_is_sent_before_the_commit(owner, heard):
    with transaction.atomic():
        rotate_backup_codes(owner.user)
        assert heard == []

    assert names(heard) == ["backup_codes_rotated"]


def test_nothing_is_sent_of_what_was_rolled_back(owner, heard):
    with suppress(RuntimeError), transaction.atomic():
        verify_totp_code(owner.user, owner.authenticator.code())
        raise RuntimeError

    assert heard == []


def test_a_receiver_that_fails_harms_neither_the_call_nor_other_receivers(owner, heard):
    def fail(**_):
        raise RuntimeError

    signals.totp_verified.connect(fail)
    signals.totp_verified.connect(after := lambda **carried: heard.append(("after", carried)))
    try:
        right = verify_totp_code(owner.user, owner.authenticator.code())
    finally:
        signals.totp_verified.disconnect(fail)
        signals.totp_verified.disconnect(after)

    assert right
    assert names(heard) == ["totp_verified", "after"]


def test_what_was_done_is_seen_by_the_receiver(owner):
    seen = []

    def look(user, **_):
        seen.append(owner.account.is_enabled)

    signals.totp_disabled.connect(look)
    try:
        disable_totp(owner.user)
    finally:
        signals.totp_disabled.disconnect(look)

    assert seen == [False]


def test_a_mail_that_fails_there_ends_no_thread(caplog, own_field):
    def fail():
        raise OSError

    own_field("event")

    at_once(fail)

    assert "A mail could not be sent: OSError." in caplog.text


def test_who_listens_to_the_user_model_hears_of_a_lazy_user(ada):
    heard = []

    def hear(sender, **_):
        heard.append(sender)

    signals.totp_authenticator_added.connect(hear, sender=type(ada))
    signals.announce(
        signals.totp_authenticator_added, user=SimpleLazyObject(lambda: ada), request=None
    )

    assert heard == [type(ada)]
