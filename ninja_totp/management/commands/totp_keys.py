"""`manage.py totp_keys`: manage the encryption keys."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from ninja_totp.core.encryption import KeyRing, new_key
from ninja_totp.management.operating import NotSo, OperatorCommand, Progress, add_number, printable
from ninja_totp.services import KeyUsage, Reencrypted, reencrypt_totp, totp_keys


class Command(OperatorCommand):
    help = "Manage the encryption keys (TOTP_ENCRYPTION_KEY, newest first)."
    remarks = """
what to do:
  generate   print a new key for the setting; stores nothing. Anyone who sees the screen has it
  status     show what is encrypted with each key
  reencrypt  encrypt with the first key what is encrypted with older keys, while the site runs. Run
             it when every process has the new setting. You can interrupt it: the next run continues
  check      check whether the older keys can be removed from the setting

Backup codes that are stored as fingerprints only (TOTP_STORE_BACKUP_CODE_CIPHERTEXT = False) cannot
be moved: they need their key until they are used or replaced.
"""
    examples = {
        "totp_keys generate": "a new key, to put before the others in the setting",
        "totp_keys reencrypt": "then, when every process has it, encrypt everything with it",
        "totp_keys check && echo remove": "at last, check whether the old keys can be removed",
    }
    exit_codes = {
        0: "done; with check: no older key is needed",
        3: "check: an older key is needed; reencrypt: some rows could not be decrypted",
    }

    def add_options(self, parser: CommandParser) -> None:
        kinds = ["generate", "status", "reencrypt", "check"]
        parser.add_argument("what", choices=kinds, help="what to do, see below")
        text = "reencrypt: rows per transaction, 1 to 5000 (default 200)"
        add_number(parser, "--batch", 1, 5000, default=200, text=text)

    def run(self, options: dict[str, Any]) -> None:
        getattr(self, f"_{options['what']}")(options)

    def _generate(self, options: dict[str, Any]) -> None:
        key = new_key()
        self.show(options, {"key": key, "key_id": KeyRing([key]).current_key_id}, key)

    def _status(self, options: dict[str, Any]) -> list[KeyUsage]:
        keys = totp_keys()
        facts = [asdict(key) | {"may_be_dropped": key.may_be_dropped} for key in keys]
        self.show(options, {"keys": facts}, *map(_line, keys))
        return keys

    def _check(self, options: dict[str, Any]) -> None:
        if any(key.is_needed and key.position != 1 for key in self._status(options)):
            raise NotSo("An older key is needed. Keep it.")

    def _reencrypt(self, options: dict[str, Any]) -> None:
        progress = Progress(self.stderr, options["verbosity"])

        def show(so_far: Reencrypted) -> None:
            progress.show(f"secrets: {so_far.secrets}, backup codes: {so_far.codes}")

        done = reencrypt_totp(batch=options["batch"], on_progress=show)
        progress.end()
        broken = sorted(map(str, done.broken))
        facts = {"secrets": done.secrets, "codes": done.codes, "broken_users": broken}
        text = f"Moved to the first key: secrets: {done.secrets}, backup codes: {done.codes}."
        users = (f"user {printable(key)}: cannot be decrypted" for key in broken)
        self.show(options, facts, text, *users)
        if broken:
            raise NotSo(
                f"Rows of {len(broken)} users cannot be decrypted: a key is missing from the "
                "setting, or the rows were changed. After totp_reset they can set up 2FA again."
            )


def _line(key: KeyUsage) -> str:
    place, use = f"key {key.position} ({key.key_id})", "Needed."
    if key.position is None:
        place = f"MISSING key {key.key_id}"
        use = "NOT in TOTP_ENCRYPTION_KEY: these users cannot log in."
    elif key.position == 1:
        use = "Encrypts everything new."
    elif key.may_be_dropped:
        use = "Can be removed."
    bound = f" ({key.codes_bound} of them cannot be moved)" if key.codes_bound else ""
    needed = f"secrets: {key.secrets}, pending: {key.pending}, backup codes: {key.codes}{bound}"
    return f"{place}: {needed}. {use}"
