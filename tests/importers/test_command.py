"""`manage.py import_totp`: what it prints, and the exit code that it leaves with."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from ninja_totp.core.otp import new_secret
from ninja_totp.importers import sources
from ninja_totp.importers.found import ImportedFactor, Refused, Unfinished
from ninja_totp.importers.peers import Source
from ninja_totp.management.commands import import_totp as command
from ninja_totp.models import Account
from ninja_totp.services import rotate_backup_codes
from tests.importers.conftest import import_totp

CODES = ("first-code", "other-code")


@pytest.fixture
def source(monkeypatch):
    """Let the command read this dictionary of users under the name "trench"."""
    found = {}
    fake = Source(
        "trench",
        "an old package",
        lambda: list(found),
        lambda owners: (found[owner] for owner in owners),
        "A remark.",
    )
    monkeypatch.setitem(sources.SOURCES, "trench", fake)
    return found


def printed(**options):
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command.time, "monotonic", iter(range(0, 1000, 2)).__next__)
        call_command("import_totp", "trench", stdout=output, stderr=errors, **options)
    return output.getvalue(), errors.getvalue()


@pytest.mark.django_db
def test_a_first_run_tells_what_came_along(ada, bob, source):
    source[1] = ImportedFactor(ada.pk, new_secret(), backup_codes=CODES)
    source[2] = Unfinished(bob.pk)

    output, _ = printed()

    assert output == (
        "1 user imported\n"
        "1 user skipped: they never finished setting up 2FA there\n"
        "Imported 2 unused backup codes.\n"
        "A remark.\n"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 500])
def test_the_codes_of_all_users_are_added_up(ada, bob, source, batch):
    source[1] = ImportedFactor(ada.pk, new_secret(), backup_codes=CODES)
    source[2] = ImportedFactor(bob.pk, new_secret(), backup_codes=(*CODES, "third-code"))

    assert "5 unused backup codes" in printed(batch=batch, dry_run=True)[0]
    assert import_totp("trench", batch=batch).report["backup_codes"] == 5


@pytest.mark.django_db
def test_a_second_run_says_that_nothing_changed(ada, source):
    source[1] = ImportedFactor(ada.pk, new_secret())
    printed()

    output, _ = printed()

    assert output == ("1 user already imported: nothing to change\nNothing changed.\n")


@pytest.mark.django_db
def test_a_run_that_brings_a_user_up_to_date_is_a_change(ada, source):
    secret = new_secret()
    source[1] = ImportedFactor(ada.pk, secret, last_step=1)
    printed()
    source[1] = ImportedFactor(ada.pk, secret, last_step=2, backup_codes=CODES)

    would_be, _ = printed(dry_run=True)
    report = import_totp("trench").report
    source[1] = ImportedFactor(ada.pk, secret, last_step=3, backup_codes=CODES)
    output, _ = printed()

    assert "Would import 2 unused backup codes." in would_be
    assert (report["changed"], report["backup_codes"]) == (True, 2)
    assert "Imported 2 unused backup codes.\nA remark." in output
    assert "Nothing changed." not in would_be + output


@pytest.mark.django_db
def test_a_dry_run_says_what_would_come_along(ada, source):
    source[1] = ImportedFactor(ada.pk, new_secret(), backup_codes=CODES)

    output, _ = printed(dry_run=True)

    assert "Would import 2 unused backup codes." in output
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_losses_are_told_user_by_user(ada, bob, source):
    source[1] = ImportedFactor(ada.pk, new_secret(), notes=("a tablet",))
    source[2] = Refused(bob.pk, "reasons")
    output = io.StringIO()

    with pytest.raises(CommandError, match="1 could not be imported") as caught:
        call_command("import_totp", "trench", stdout=output)

    assert caught.value.returncode == 3
    assert f"user {ada.pk}: imported, but without: a tablet\n" in output.getvalue()
    assert f"user {bob.pk}: not imported: reasons\n" in output.getvalue()
    assert "1 user NOT imported: THEY HAVE NO 2FA HERE\n" in output.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
def test_who_needs_new_backup_codes_is_named(ada, bob, source, dry_run):
    source[1] = ImportedFactor(ada.pk, new_secret(), lost_codes=("3 backup codes of paper",))
    source[2] = ImportedFactor(bob.pk, new_secret(), backup_codes=CODES)

    output, _ = printed(dry_run=dry_run)

    assert f"user {ada.pk}: imported, but without: 3 backup codes of paper\n" in output
    assert "1 user MUST CREATE NEW BACKUP CODES" in output
    assert f"user {bob.pk}" not in output


@pytest.mark.django_db
def test_who_needs_new_backup_codes_is_named_until_they_have_some(ada, source):
    source[1] = ImportedFactor(ada.pk, new_secret(), lost_codes=("3 backup codes of paper",))
    first, again = import_totp("trench"), import_totp("trench")
    rotate_backup_codes(ada)

    afterwards = import_totp("trench")

    assert [run.exit_code for run in (first, again, afterwards)] == [0, 0, 0]
    named = [run.report["need_backup_codes"] for run in (first, again, afterwards)]
    assert named == [[str(ada.pk)], [str(ada.pk)], []]
    assert again.users == afterwards.users == {"unchanged": 1}


@pytest.mark.django_db
def test_the_report_is_there_for_programs_too(ada, source):
    source[1] = Refused(ada.pk, "reasons")

    run = import_totp("trench", dry_run=True)

    assert run.exit_code == 3
    assert run.report == {
        "source": "trench",
        "dry_run": True,
        "changed": False,
        "users": {
            "imported": 0,
            "updated": 0,
            "unchanged": 0,
            "untouched": 0,
            "refused": 1,
            "unfinished": 0,
        },
        "backup_codes": 0,
        "need_backup_codes": [],
        "notes": [{"user": str(ada.pk), "result": "refused", "notes": ["reasons"]}],
    }


@pytest.mark.django_db
def test_progress_goes_where_errors_go(ada, bob, source):
    source[1] = ImportedFactor(ada.pk, new_secret())
    source[2] = ImportedFactor(bob.pk, new_secret())

    output, errors = printed(batch=1, json=True)

    assert json.loads(output)["users"]["imported"] == 2
    assert errors == "1 of 2\n2 of 2\n"


@pytest.mark.django_db
def test_a_quiet_run_shows_no_progress(ada, source):
    source[1] = ImportedFactor(ada.pk, new_secret())

    _, errors = printed(verbosity=0)

    assert errors == ""


@pytest.mark.django_db
def test_no_secret_and_no_code_is_printed_or_logged(ada, bob, source, caplog):
    caplog.set_level("DEBUG")
    secrets = [new_secret(), "JBSWY3DPEHPK3PXP"]
    source[1] = ImportedFactor(ada.pk, secrets[0], backup_codes=(*CODES, "tiny"))
    source[2] = ImportedFactor(bob.pk, secrets[1], backup_codes=CODES)
    output, errors = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("import_totp", "trench", stdout=output, stderr=errors, verbosity=3)

    told = output.getvalue() + errors.getvalue() + str(caught.value) + caplog.text
    assert not any(text in told for text in (*secrets, *CODES, "tiny"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", sources.SOURCES)
def test_a_package_that_is_not_installed_is_named(name):
    with pytest.raises(
        CommandError, match=r"INSTALLED_APPS has no .* installed until this is done"
    ):
        call_command("import_totp", name)


@pytest.mark.django_db
def test_a_run_that_is_broken_off_says_what_to_do(ada, source, monkeypatch):
    source[ada.pk] = None

    def broken_off(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "write", broken_off)

    with pytest.raises(CommandError, match="Run it again to continue") as caught:
        printed()

    assert caught.value.returncode == 130


@pytest.mark.parametrize("size", ["0", "5001", "many"])
def test_a_batch_out_of_bounds_is_refused(size):
    with pytest.raises(CommandError, match="--batch"):
        call_command("import_totp", "trench", "--batch", size)


def test_help_documents_the_exit_codes():
    process = subprocess.run(
        [sys.executable, "-m", "django", "import_totp", "--help"],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "exit codes:\n  0    all users who had 2FA there" in process.stdout
    assert all(name in process.stdout for name in sources.SOURCES)
