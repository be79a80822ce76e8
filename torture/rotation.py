"""The encryption key is changed while people log in: not one login may fail.

As docs/how-to/key-rotation.md says it for a busy site: the new key at the end of the list, then in
front, then `manage.py totp_keys reencrypt`, then the old one away, with a rolling restart of two
servers at each change.
"""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from torture import people
from torture.balancer import Logins
from torture.bench import Bench
from torture.ground import Ground
from torture.sites import Site
from torture.verdicts import Finding, judged

__all__ = ["rotated"]

_BETWEEN = 60  # logins
_TOTP_KEYS = (sys.executable, "-m", "django", "totp_keys")


class _Pair:
    """Two servers that can be restarted one after the other."""

    def __init__(self, ground: Ground, server: str, *, workers: int) -> None:
        self._ground, self._server, self._workers = ground, server, workers
        self._sites: list[Site] = []

    def start(self) -> None:
        for _ in range(2):
            self._sites.append(self._ground.site(self._server, workers=self._workers))

    def stop(self) -> None:
        for site in self._sites:
            site.stop()

    @property
    def first(self) -> Site:
        return self._sites[0]

    def open(self, logins: Logins) -> None:
        for site in self._sites:
            logins.put_in(site.port)

    def restart(self, logins: Logins) -> None:
        """Restart one and then the other; they read the keys again."""
        for place, site in enumerate(self._sites):
            logins.take_out(site.port)
            site.stop()
            self._sites[place] = self._ground.site(self._server, workers=self._workers)
            logins.put_in(self._sites[place].port)


@contextmanager
def _pair(ground: Ground, server: str, *, workers: int) -> Iterator[_Pair]:
    pair = _Pair(ground, server, workers=workers)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()


def _totp_keys(what: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py totp_keys`, in a process that reads the keys as they are now."""
    command = [*_TOTP_KEYS, what, "--no-color"]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def rotated(ground: Ground, server: str, *, door: str, users: int, workers: int) -> Finding:
    """Change the key while `users` log in at `door` of two servers with `workers` each."""
    from ninja_totp.core.encryption import new_key

    old, new = ground.keys.read_text(), new_key()
    everybody = people.enrolled(users, backup_codes=2)
    with _pair(ground, server, workers=workers) as pair:
        logins = Logins(Bench(pair.first, door, crowd=1), everybody)
        pair.open(logins)
        with logins:
            logins.wait_for(_BETWEEN)
            for keys in ([old, new], [new, old]):
                ground.set_keys(*keys)
                pair.restart(logins)
                logins.wait_for(_BETWEEN)
            claims = _moved()
            ground.set_keys(new)
            pair.restart(logins)
            logins.wait_for(_BETWEEN * 5)
            gone = _totp_keys("status")
    claims["a key that is gone is still needed"] = "MISSING" not in gone.stdout
    ground.set_keys(old)
    return judged(logins.answers, accepted=len(logins.answers), claims=claims)


def _reencrypted() -> tuple[int | None, str]:
    """Re-encrypt on a terminal, which progress needs; return exit code and what it showed."""
    master, terminal = pty.openpty()
    command = [*_TOTP_KEYS, "reencrypt", "--no-color"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal) as moving:
        os.close(terminal)
        shown = b""
        # Linux says EIO when the last writer has gone.
        with suppress(OSError):
            while more := os.read(master, 4096):
                shown += more
    os.close(master)
    return moving.returncode, shown.decode()


def _moved() -> dict[str, bool]:
    """Re-encrypt; return what must hold of what the command said before, meanwhile and after."""
    early = _totp_keys("check")
    code, shown = _reencrypted()
    verdict = _totp_keys("check")
    is_free = verdict.returncode == 0 and verdict.stdout.count("Can be removed") == 1
    return {
        "the old key was said to be of no need too early": early.returncode == 3,
        "re-encryption failed": code == 0,
        "re-encryption told of no progress": "secrets" in shown,
        "the old key was not said to be of no need": is_free,
    }
