"""Several authenticators through the services: names, keys, locks, and what ends all of them."""

import pytest
from django.core import mail

from ninja_totp import models
from ninja_totp.conf.types import NOTICES
from ninja_totp.core.errors import (
    AlreadyConfirmed,
    AuthenticatorNotFound,
    EnrolmentRequired,
    InvalidRequest,
    LastAuthenticator,
    Locked,
    NotEnrolled,
    TooManyAuthenticators,
)
from ninja_totp.core.lockout import PAIRS_A_DAY
from ninja_totp.core.otp import OtpParameters, code_at_step, step_at
from ninja_totp.models import Account, Event
from ninja_totp.services import (
    add_authenticator,
    confirm_recovery,
    confirm_totp_setup,
    disable_totp,
    generate_recovery_link,
    inspect_totp,
    list_authenticators,
    reencrypt_totp,
    remove_authenticator,
    rename_authenticator,
    replace_totp,
    reset_totp,
    totp_keys,
    totp_report,
    totp_status,
    unlock_totp,
    verify_backup_code,
    verify_totp_code,
)
from tests.support.cast import PASSWORD, Authenticator

pytestmark = pytest.mark.django_db

BY = {"actor": "the tests", "reason": "a reason"}


def names(user):
    return [one.name for one in list_authenticators(user)]


def recover(user):
    link = generate_recovery_link(user)
    confirm_recovery(link.uid, link.token, PASSWORD, new_password="an entirely new horse")


@pytest.fixture
def spare(owner, clock):
    """Ada's second authenticator; no code near the present moment is used up."""
    added = owner.with_another()
    clock.advance(3600)
    return added


class TestNames:
    @pytest.mark.parametrize("name", ["", " \n ", "x" * 65, "a\0b", "\ud800"])
    def test_what_is_no_name_is_refused(self, owner, spare, name):
        for refuse in (
            add_authenticator,
            lambda *given: rename_authenticator(*given[:1], spare.id, name),
        ):
            with pytest.raises(InvalidRequest) as refused:
                refuse(owner.user, name)
            assert refused.value.fields == {"name": ["Enter a name of 1 to 64 characters."]}
        assert names(owner.user) == ["Authenticator app", "Tablet"]

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("x" * 64, "x" * 64),
            ("  " + "x" * 64 + "  ", "x" * 64),
            ("Adas \t Händi\n📱", "Adas Händi 📱"),
        ],
    )
    def test_what_is_one_is_kept_on_one_line(self, owner, spare, name, kept):
        renamed = rename_authenticator(owner.user, spare.id, name)

        assert renamed.name == names(owner.user)[1] == kept

    def test_two_may_have_the_same(self, owner, spare):
        owner.with_another("Tablet")

        assert names(owner.user) == ["Authenticator app", "Tablet", "Tablet"]


class TestCodes:
    def test_each_ones_codes_are_right_once(self, owner, spare):
        code = spare.code()

        assert verify_totp_code(owner.user, owner.authenticator.code())
        assert verify_totp_code(owner.user, code)
        assert not verify_totp_code(owner.user, code)

    def test_a_code_that_both_show_is_used_up_for_one_at_a_time(self, owner, spare):
        rows = models.Authenticator.objects.filter(account=owner.user.pk)
        rows.update(secret=owner.account.authenticators.get(name="Tablet").secret)
        code = spare.code()

        outcomes = [verify_totp_code(owner.user, code) for _ in range(3)]

        assert outcomes == [True, True, False]

    def test_the_moment_of_its_last_use_is_its_own(self, owner, spare):
        before = list_authenticators(owner.user)
        verify_totp_code(owner.user, spare.code())
        after = list_authenticators(owner.user)

        assert before[0].last_used_at == after[0].last_used_at
        assert before[1].last_used_at < after[1].last_used_at

    def test_codes_of_six_and_of_eight_digits_are_right_side_by_side(self, owner, clock, settings):
        settings.TOTP_DIGITS = 8
        setup = add_authenticator(owner.user, "Tablet")
        longer = OtpParameters(digits=8)
        confirm_totp_setup(
            owner.user, code_at_step(setup.secret, step_at(clock.now(), longer), longer)
        )
        clock.advance(3600)

        assert verify_totp_code(owner.user, owner.authenticator.code())
        code = code_at_step(setup.secret, step_at(clock.now(), longer), longer)
        assert verify_totp_code(owner.user, code)
        assert not verify_totp_code(owner.user, "1234567")
        assert owner.account.failures == 0


class TestLocks:
    def test_a_failed_backup_code_costs_one_however_many_there_are(self, owner, spare, clock):
        nineteen_outstanding = clock.now() + 19 * 86_400
        Account.objects.update(backup_budget_full_epoch=nineteen_outstanding)
        open_still = inspect_totp(owner.user).backup_lock

        assert not verify_backup_code(owner.user, "0000-0000-0000-0000-0000-0000")

        assert open_still is None
        assert Account.objects.get().backup_budget_full_epoch == nineteen_outstanding + 86_400
        assert inspect_totp(owner.user).backup_lock.reason == "budget"

    def test_a_pair_counts_once_for_each_of_them(self, owner, spare):
        Account.objects.update(failures=100)
        used_up = Account.objects.filter(pk=owner.user.pk)
        day = owner.authenticator.clock.now() // 86_400
        used_up.update(pairs=PAIRS_A_DAY - 1, pairs_day=day)

        with pytest.raises(Locked):
            owner.log_in(otp_codes=owner.authenticator.pair())
        used_up.update(pairs=PAIRS_A_DAY - 2)

        assert owner.log_in(otp_codes=owner.authenticator.pair())
        assert Account.objects.get().pairs == PAIRS_A_DAY

    def test_the_status_names_the_lock_of_a_budget_that_has_no_room_for_all(
        self, owner, spare, clock
    ):
        for _ in range(9):
            verify_totp_code(owner.user, owner.authenticator.wrong_code())
            clock.advance(3600)
        open_still = totp_status(owner.user)
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
        clock.advance(3600)

        status, state = totp_status(owner.user), inspect_totp(owner.user)

        assert (open_still.is_locked, status.is_locked) == (False, True)
        assert (state.lock.reason, state.lock.until) == ("budget", status.locked_until)
        with pytest.raises(Locked) as refused:
            verify_totp_code(owner.user, spare.code())
        assert refused.value.retry_after == status.locked_until.timestamp() - clock.now()

    def test_the_failure_after_which_none_is_left_for_all_locks(
        self, owner, spare, clock, settings
    ):
        settings.TOTP_LOCKOUT_BUDGET = 5
        for _ in range(2):
            verify_totp_code(owner.user, owner.authenticator.wrong_code())

        assert Event.objects.latest("pk").type == Event.Type.LOCKED
        with pytest.raises(Locked):
            verify_totp_code(owner.user, owner.authenticator.code())

    def test_a_removal_makes_room(self, owner, spare, clock):
        for _ in range(9):
            verify_totp_code(owner.user, owner.authenticator.wrong_code())
            clock.advance(3600)
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
        clock.advance(3600)

        remove_authenticator(owner.user, spare.id)

        # Nine hours of twenty days have flowed back: less than two fit, but one does.
        clock.advance(15 * 3600)
        assert verify_totp_code(owner.user, owner.authenticator.code())

    def test_a_wrong_clock_is_forgiven_for_each(self, owner, spare, clock):
        clock.advance(86_400)
        verify_totp_code(owner.user, owner.authenticator.code())
        verify_totp_code(owner.user, spare.code())
        clock.advance(-86_400 + 60)
        ahead = inspect_totp(owner.user).clock_ahead_seconds

        unlock_totp(owner.user, **BY, forgive_clock=True)
        clock.advance(30)

        assert ahead > 86_000
        assert verify_totp_code(owner.user, owner.authenticator.code())
        assert verify_totp_code(owner.user, spare.code())


class TestMost:
    def test_the_setting_is_the_most(self, owner, settings):
        settings.TOTP_MAX_AUTHENTICATORS = 1

        with pytest.raises(TooManyAuthenticators):
            add_authenticator(owner.user, "Tablet")

    def test_a_replacement_needs_no_room(self, owner, spare, clock, settings):
        settings.TOTP_MAX_AUTHENTICATORS = 1

        setup = replace_totp(owner.user)
        confirm_totp_setup(owner.user, Authenticator(setup.secret, clock).code())

        assert names(owner.user) == ["Authenticator app"]

    def test_those_beyond_a_smaller_setting_stay(self, owner, spare, settings):
        settings.TOTP_MAX_AUTHENTICATORS = 1

        assert verify_totp_code(owner.user, spare.code())
        assert len(names(owner.user)) == 2


class TestEnds:
    @pytest.mark.parametrize(
        "end",
        [
            disable_totp,
            lambda user: reset_totp(user, **BY),
            recover,
        ],
        ids=["disable", "reset", "recovery"],
    )
    def test_the_end_of_the_factor_is_that_of_all(self, owner, spare, end):
        add_authenticator(owner.user, "Begun")

        end(owner.user)

        assert not models.Authenticator.objects.exists()
        assert totp_status(owner.user).authenticators == 0

    def test_a_removal_ends_what_waits_for_its_confirmation(self, owner, spare, clock):
        begun = Authenticator(add_authenticator(owner.user, "Begun").secret, clock)

        remove_authenticator(owner.user, spare.id)

        with pytest.raises(AlreadyConfirmed):
            confirm_totp_setup(owner.user, begun.code())

    def test_without_a_factor_nothing_can_be_removed(self, ada):
        with pytest.raises(NotEnrolled):
            remove_authenticator(ada, "1")

    def test_the_calling_code_cannot_remove_the_last_one_either(self, owner):
        with pytest.raises(LastAuthenticator):
            remove_authenticator(owner.user, owner.totp.pk)

    def test_one_that_waits_for_its_confirmation_is_not_found(self, owner, spare):
        begun = add_authenticator(owner.user, "Begun").id

        for change in (remove_authenticator, lambda *given: rename_authenticator(*given, "x")):
            with pytest.raises(AuthenticatorNotFound):
                change(owner.user, begun)


class TestOperators:
    def test_the_state_names_them_and_a_key_that_is_missing(self, owner, spare):
        models.Authenticator.objects.filter(pk=spare.id).update(key_id="0" * 8)

        state = inspect_totp(owner.user)

        assert state.authenticators == ("Authenticator app", "Tablet")
        assert (state.key_id, state.key_is_known) == ("0" * 8, False)

    def test_a_user_with_several_is_one_in_the_report(self, owner, spare):
        assert [one.enrolled for one in totp_report()] == [0, 0, 1]

    def test_all_of_them_move_to_a_new_key(self, owner, spare, roll_in, drop_old):
        roll_in()
        before = [usage.secrets for usage in totp_keys()]
        reencrypt_totp()
        drop_old()

        assert before == [0, 2]
        assert [usage.secrets for usage in totp_keys()] == [2]
        assert verify_totp_code(owner.user, owner.authenticator.code())
        assert verify_totp_code(owner.user, spare.code())


@pytest.mark.django_db(transaction=True)
def test_the_user_is_mailed_the_name_of_what_changed(owner, settings, clock):
    settings.TOTP_NOTICES = NOTICES
    mail.outbox.clear()
    spare = owner.with_another("Ada's <b>tablet</b>")
    rename_authenticator(owner.user, spare.id, "Spare\nSubject: x")
    remove_authenticator(owner.user, spare.id)

    added, renamed, removed = mail.outbox
    html = str(added.alternatives[0][0])
    assert added.subject == "An authenticator was added to your ninja-totp tests account"
    assert "“Ada's <b>tablet</b>”" in added.body
    assert "&lt;b&gt;tablet" in html
    assert "<b>tablet" not in html
    assert "“Spare Subject: x”" in renamed.body
    assert "“Spare Subject: x” no longer work" in removed.body
    assert not [one for one in mail.outbox if "tablet" in one.subject or "Spare" in one.subject]


def test_each_change_is_one_line_of_history(owner, spare):
    rename_authenticator(owner.user, spare.id, "Old")
    remove_authenticator(owner.user, spare.id)

    lines = Event.objects.filter(name__gt="").order_by("pk")
    assert list(lines.values_list("type", "factor", "name")) == [
        ("enabled", "totp", "Authenticator app"),
        ("authenticator_added", "totp", "Tablet"),
        ("authenticator_renamed", "totp", "Old"),
        ("authenticator_removed", "totp", "Old"),
    ]


def test_a_required_factor_may_lose_authenticators_but_the_last(owner, spare, settings):
    settings.TOTP_REQUIRED = "all"

    remove_authenticator(owner.user, spare.id)

    with pytest.raises(LastAuthenticator):
        remove_authenticator(owner.user, owner.totp.pk)
    with pytest.raises(EnrolmentRequired):
        disable_totp(owner.user)
