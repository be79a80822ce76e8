"""`totp_status`, `totp_reset`, `totp_unlock`: commands about one user."""

import getpass
from datetime import datetime

import pytest
from django.contrib.auth.models import UserManager
from django.core.exceptions import ValidationError

from ninja_totp.management.operating import operator
from ninja_totp.models import Account, Authenticator, BackupCode
from ninja_totp.services import (
    create_totp_setup,
    disable_totp,
    is_totp_enabled,
    verify_backup_code,
    verify_totp_code,
)

pytestmark = pytest.mark.django_db

COMMANDS = [
    ["totp_status"],
    ["totp_reset", "--reason=x", "--no-input"],
    ["totp_unlock", "--reason=x"],
]


def lock(owner):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_user_is_named_by_name_or_by_key(manage, owner, other, command):
    assert manage(*command, "bob").code == 0
    assert manage(*command, "--key", str(owner.user.pk)).code == 0


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    "whom", [["nobody"], ["\0"], ["--key=999"], ["--key=x"], ["--key", "9" * 40], ["--key=\0"]]
)
def test_an_unknown_user_is_an_error(manage, owner, command, whom):
    outcome = manage(*command, *whom)

    assert (outcome.code, outcome.output) == (1, "")
    assert outcome.said.startswith("There is no user ")


@pytest.mark.parametrize("whom", [[], ["ada", "--key=1"]])
def test_a_user_is_named_once(manage, owner, whom):
    assert manage("totp_status", *whom).code == 1


def test_names_are_compared_as_the_user_model_does(manage, owner, monkeypatch):
    def in_any_case(manager, name):
        return manager.get(username__iexact=name)

    monkeypatch.setattr(UserManager, "get_by_natural_key", in_any_case)

    assert manage("totp_status", "ADA").code == 0


def test_a_manager_without_natural_keys_will_do(manage, owner, monkeypatch):
    monkeypatch.delattr("django.contrib.auth.base_user.BaseUserManager.get_by_natural_key")

    assert manage("totp_status", "ada").code == 0


def test_a_name_that_the_column_cannot_hold_is_nobodys(manage, owner, monkeypatch):
    def refuse(manager, name):
        raise ValidationError("no UUID")

    monkeypatch.setattr(UserManager, "get_by_natural_key", refuse)

    assert manage("totp_status", "ada").said == "There is no user called 'ada'."


def test_a_name_that_several_users_have_is_no_name(manage, owner, other, monkeypatch):
    monkeypatch.setattr(UserManager, "get_by_natural_key", lambda manager, name: manager.get())

    outcome = manage("totp_status", "ada")

    assert (outcome.code, outcome.said) == (1, "Several users are called 'ada'; use --key.")


def test_the_status_of_a_factor_in_use(manage, owner):
    verify_backup_code(owner.user, owner.backup_codes[0])

    output = manage("totp_status", "ada").output

    assert f"user            ada (key {owner.user.pk})\n" in output
    assert "second factor   on since " in output
    assert "last used       " in output
    assert "codes           not locked (0 wrong since the last right one)\n" in output
    assert "backup codes    9 left, 1 used\n" in output
    assert f"encryption key  {owner.totp.key_id}, number 1\n" in output
    assert "clock" not in output


def test_the_status_counts_wrong_codes_of_each_kind(manage, owner):
    Account.objects.update(failures=3, backup_failures=2)

    lines = manage("totp_status", "ada").output.splitlines()

    assert "codes           not locked (3 wrong since the last right one)" in lines
    assert "                not locked (2 wrong since the last right one)" in lines


def test_moments_are_shown_with_their_offset(manage, owner, settings):
    settings.USE_TZ, settings.TIME_ZONE = False, "Pacific/Apia"
    Account.objects.update(confirmed_at=datetime(2027, 1, 15, 8), last_used_at=None)  # noqa: DTZ001

    status = manage("totp_status", "ada")

    assert "second factor   on since 2027-01-14 19:00:00+00:00\n" in status.output
    facts = manage("totp_status", "ada", "--json").json
    assert facts["confirmed_at"] == "2027-01-14 19:00:00+00:00"


def test_an_empty_key_is_nobodys(manage, owner):
    outcome = manage("totp_status", "--key=")

    assert (outcome.code, outcome.said) == (1, "There is no user with the key ''.")


def test_the_status_tells_no_secret(manage, owner):
    output = manage("totp_status", "ada").output + manage("totp_status", "ada", "--json").output

    row = BackupCode.objects.first()
    hidden = [owner.totp.secret, owner.authenticator.secret, row.ciphertext, str(row.pk)]
    assert [text for text in hidden + owner.backup_codes if text in output] == []


def test_the_status_of_a_lock(manage, owner):
    lock(owner)
    burst = manage("totp_status", "ada").output
    Account.objects.update(failures=100, backup_failures=100)
    for_good = manage("totp_status", "ada").output

    assert "codes           LOCKED until 2027-01-15 09:00:40+00:00: too many wrong" in burst
    assert for_good.count("LOCKED until staff unlock it (totp_unlock): far too many") == 2


def test_the_status_of_what_is_out_of_order(manage, owner, clock, settings):
    Authenticator.objects.update(last_step=clock.now() // 30 + 11)
    settings.TOTP_ENCRYPTION_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXRlc3Qtc3VpdGUtISE="

    output = manage("totp_status", "ada").output

    assert "a code from 300 seconds in the future was used" in output
    assert "10 left, 0 used\n" in output
    assert "which is NOT in TOTP_ENCRYPTION_KEY" in output


def test_the_status_before_between_and_after(manage, ada, owner, bob):
    never = manage("totp_status", "bob").output
    create_totp_setup(bob)
    begun = manage("totp_status", "bob").output
    disable_totp(owner.user)
    off = manage("totp_status", "ada").output

    assert "second factor   never set up" in never
    assert "enrolment       started; can be confirmed until " in begun
    assert "second factor   off since " in off


def test_the_status_for_programs(manage, owner):
    lock(owner)

    status = manage("totp_status", "ada", "--json").json

    assert status["user"] == str(owner.user.pk)
    assert status["is_enabled"] is True
    assert status["lock"]["reason"] == "burst"
    assert status["codes_left"] == 10


def test_a_reset_is_asked_about(manage, owner):
    outcome = manage("totp_reset", "ada", "--reason", "lost", answer=" Yes ")

    assert outcome.output == "ada now logs in with the password alone.\n"
    assert "ada will log in with the password alone." in outcome.errors
    assert not is_totp_enabled(owner.user)


@pytest.mark.parametrize("answer", ["", "y", "no", "ada"])
def test_anything_but_yes_changes_nothing(manage, owner, answer):
    outcome = manage("totp_reset", "ada", "--reason", "lost", answer=answer)

    assert outcome.code == 1
    assert outcome.said.startswith("Nothing was changed.")
    assert is_totp_enabled(owner.user)


def test_a_name_does_not_steer_the_operators_screen(manage, owner):
    owner.user.username = "a\x1b[2Jda\nroot\tis fine"
    owner.user.save()
    key = f"--key={owner.user.pk}"

    outcomes = [
        manage("totp_status", key),
        manage("totp_report", "--enrolled"),
        manage("totp_unlock", key, "--reason=x"),
        manage("totp_reset", key, "--reason=x", answer="yes"),
        manage("totp_reset", key, "--reason=x", "--no-input"),
    ]

    shown = [one.output + one.errors + one.said for one in outcomes]
    assert all(r"a\x1b[2Jda\nroot\tis fine" in text for text in shown)
    assert "\x1b" not in "".join(shown)


def test_without_a_terminal_nothing_is_changed(manage, owner, monkeypatch):
    def nobody_there(*_):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody_there)

    assert manage("totp_reset", "ada", "--reason", "lost").code == 1
    assert is_totp_enabled(owner.user)


@pytest.mark.parametrize(
    "words", [["totp_reset", "ada", "--no-input"], ["totp_unlock", "ada"]], ids=lambda w: w[0]
)
def test_a_reason_is_asked_for(manage, owner, words):
    outcome = manage(*words)

    assert "--reason" in outcome.said
    assert is_totp_enabled(owner.user)


def test_after_a_reset_no_trace_of_a_factor_in_use_is_left(manage, owner, clock):
    for _ in range(5):
        verify_totp_code(owner.user, owner.authenticator.wrong_code())
        verify_backup_code(owner.user, "0000-0000-0000-0000-0000-0000")

    manage("totp_reset", "ada", "--reason", "lost", "--no-input")

    state, account = manage("totp_status", "ada", "--json").json, owner.account
    gone = ("confirmed_at", "pending_until", "lock", "backup_lock", "key_id")
    assert {name: state[name] for name in gone} == dict.fromkeys(gone) | {"key_id": ""}
    assert (state["is_enabled"], state["failures"], state["backup_failures"]) == (False, 0, 0)
    assert state["disabled_at"] is not None
    assert (account.confirmed_epoch, account.reset_epoch) == (0, clock.now() + 1)
    assert (account.budget_full_epoch, account.backup_budget_full_epoch) == (0, 0)


def test_failures_that_outlived_the_factor_can_be_reset(manage, owner):
    lock(owner)
    disable_totp(owner.user)

    outcome = manage("totp_reset", "ada", "--reason", "x", "--no-input")

    assert (outcome.code, owner.account.failures) == (0, 0)
    assert manage("totp_reset", "ada", "--reason", "x", "--no-input").code == 3


@pytest.mark.parametrize("command", COMMANDS[1:], ids=lambda words: words[0])
def test_where_there_is_nothing_to_do_the_exit_code_says_so(manage, ada, command):
    assert manage(*command, "ada").code == 3


@pytest.mark.parametrize(
    ("command", "done"),
    [(COMMANDS[1], "reset"), (COMMANDS[2], "unlocked")],
    ids=["reset", "unlock"],
)
def test_what_was_done_for_programs(manage, owner, command, done):
    outcome = manage(*command, "ada", "--json")

    assert outcome.json == {"user": str(owner.user.pk), "name": "ada", done: True}


def test_an_unlocked_user_gets_in(manage, owner):
    lock(owner)

    outcome = manage("totp_unlock", "ada", "--reason", "called")

    assert outcome.output == "ada can try codes again.\n"
    assert verify_totp_code(owner.user, owner.authenticator.code())


def test_the_clock_is_forgiven_when_asked(manage, owner, clock):
    Authenticator.objects.update(last_step=clock.now() // 30 + 100)

    manage("totp_unlock", "ada", "--reason", "x")
    before = owner.totp.last_step
    manage("totp_unlock", "ada", "--reason", "x", "--forgive-clock")

    assert (before, owner.totp.last_step) == (clock.now() // 30 + 100, clock.now() // 30)


def no_name():
    raise KeyError("uid not found")


@pytest.mark.parametrize(
    ("who", "actor"), [(lambda: "grace", "command by grace"), (no_name, "command")]
)
def test_the_record_names_who_ran_it(who, actor, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", who)

    assert operator() == actor


def test_the_record_has_the_reason(manage, owner, caplog, monkeypatch):
    caplog.set_level("INFO", "ninja_totp")
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")

    manage("totp_unlock", "ada", "--reason", "called back")

    assert caplog.messages == [
        f"totp_unlock user={owner.user.pk} by='command by grace' reason='called back'"
    ]
