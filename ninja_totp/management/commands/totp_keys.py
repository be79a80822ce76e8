"""`manage.py totp_keys`: make encryption keys, see who needs which, and move rows to a new one."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ninja_totp.core.encryption import KeyRing, new_key
from ninja_totp.management.operating import NOT_SO, OperatorCommand, Progress, add_number, printable
from ninja_totp.services import KeyUsage, Reencrypted, reencrypt_totp, totp_keys


class Command(OperatorCommand):
    help = "Look after the encryption keys: TOTP_ENCRYPTION_KEY, the newest first."
    remarks = """
what to do:
  generate   print a new key, for the setting; stores nothing. Whoever sees the screen has it
  status     show what needs each key
  reencrypt  move what is under older keys to the first one, while the site runs. Do it when every
             process has the new setting. Interrupt it when you like: the next run goes on there
  verdict    say whether the older keys can be taken out of the setting

Backup codes of which nothing but the fingerprint is stored (TOTP_STORE_BACKUP_CODE_CIPHERTEXT =
False) cannot be moved: they need the key that they were made under until they are used or replaced.
"""
    examples = {
        "totp_keys generate": "a new key, to be put in front of the others in the setting",
        "totp_keys reencrypt": "then, when every process has it, move what is under the old ones",
        "totp_keys verdict && echo drop": "at last, ask whether the old ones can go",
    }
    exit_codes = {
        0: "done; with verdict: no older key is needed",
        3: "verdict: an older key is needed; reencrypt: something could not be opened and is left",
    }

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what",
            choices=["generate", "status", "reencrypt", "verdict"],
            help="what to do, see below",
        )
        text = "reencrypt: rows in one transaction, 1 to 5000 (default 200)"
        add_number(parser, "--batch", 1, 5000, default=200, text=text)

    def run(self, options: dict[str, Any]) -> None:
        getattr(self, f"_{options['what']}")(options)

    def _generate(self, options: dict[str, Any]) -> None:
        key = new_key()
        self.show(options, {"key": key, "key_id": KeyRing([key]).current_key_id}, key)

    def _status(self, options: dict[str, Any]) -> None:
        self._show_keys(options, totp_keys())

    def _verdict(self, options: dict[str, Any]) -> None:
        keys = totp_keys()
        self._show_keys(options, keys)
        if any(key.is_needed and key.position != 1 for key in keys):
            raise CommandError("An older key is needed: keep it.", returncode=NOT_SO)

    def _show_keys(self, options: dict[str, Any], keys: list[KeyUsage]) -> None:
        facts = [asdict(key) | {"may_be_dropped": key.may_be_dropped} for key in keys]
        self.show(options, {"keys": facts}, *map(_line, keys))

    def _reencrypt(self, options: dict[str, Any]) -> None:
        progress = Progress(self.stderr, options["verbosity"])

        def told(so_far: Reencrypted) -> None:
            progress.tell(f"{so_far.secrets} secrets, {so_far.codes} backup codes")

        done = reencrypt_totp(batch=options["batch"], told=told)
        progress.end()
        broken = sorted(map(str, done.broken))
        facts = {"secrets": done.secrets, "codes": done.codes, "broken_users": broken}
        text = f"Moved {done.secrets} secrets and {done.codes} backup codes to the first key."
        self.show(
            options, facts, text, *(f"user {printable(key)}: cannot be opened" for key in broken)
        )
        if broken:
            text = (
                f"No key opens something of {len(broken)} users: a key is missing from the "
                "setting, or somebody changed the rows. totp_reset lets them enrol again."
            )
            raise CommandError(text, returncode=NOT_SO)


def _line(key: KeyUsage) -> str:
    needed = f"{key.secrets} secrets, {key.pending} enrolments under way, {key.codes} backup codes"
    if key.codes_bound:
        needed += f" ({key.codes_bound} of them cannot be moved)"
    return f"{_place(key)}: {needed}. {_judgement(key)}"


def _place(key: KeyUsage) -> str:
    return f"key {key.position} ({key.key_id})" if key.position else f"MISSING key {key.key_id}"


def _judgement(key: KeyUsage) -> str:
    if key.position is None:
        return "NOT in TOTP_ENCRYPTION_KEY: nobody can log in with these."
    if key.position == 1:
        return "In use for everything new."
    return "May be dropped." if key.may_be_dropped else "Needed."
