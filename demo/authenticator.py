"""`python -m demo.authenticator`: an authenticator app for a user without a phone.

It prints the current code of a secret or an otpauth:// address and keeps neither: nothing is
written to a file. It does not talk to the demo, as a real authenticator does not.
"""

import getpass
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyotp

__all__ = ["main", "read_authenticator", "shell_command"]

_USAGE = """\
usage: python -m demo.authenticator [SECRET | OTPAUTH_URI]

Prints the current code and the seconds it has left, until Ctrl+C. Without an argument the
secret is read from standard input, which keeps it out of the shell's history."""


def main(arguments: Sequence[str]) -> int:
    """Show codes for the secret in `arguments` or on standard input; returns the exit code."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(_USAGE)
        return 0 if len(arguments) == 1 else 2
    try:
        authenticator = read_authenticator(arguments[0] if arguments else _ask())
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    _show(authenticator)
    return 0


def read_authenticator(text: str) -> pyotp.TOTP:
    """The authenticator of a typed secret or an otpauth:// address; ValueError if it is neither.

    Blanks and hyphens in a secret, which group it for reading, are ignored.
    """
    text = text.strip()
    if text.lower().startswith("otpauth:"):
        return _from_address(text)
    authenticator = pyotp.TOTP("".join(text.replace("-", "").split()).upper())
    _check(authenticator)
    return authenticator


def shell_command() -> str:
    """What to type in a terminal to start this with the Python that runs now."""
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    return f"{python} -m demo.authenticator"


def _from_address(address: str) -> pyotp.TOTP:
    try:
        authenticator = pyotp.parse_uri(address)
    except ValueError:
        raise ValueError("This otpauth:// address cannot be read.") from None
    if not isinstance(authenticator, pyotp.TOTP):
        raise ValueError("This otpauth:// address is not for time-based codes.")
    _check(authenticator)
    return authenticator


def _check(authenticator: pyotp.TOTP) -> None:
    # pyotp looks at the secret only when it makes a code.
    try:
        authenticator.byte_secret()
    except ValueError:
        raise ValueError("A secret has letters A to Z and digits 2 to 7 only.") from None
    if not authenticator.secret:
        raise ValueError("The secret is empty.")


def _ask() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Secret or otpauth:// address (not shown): ")
    return sys.stdin.readline()


def _show(authenticator: pyotp.TOTP) -> None:
    if not sys.stdout.isatty():
        print(_line(authenticator, time.time()))
        return
    try:
        while True:
            print(f"\r{_line(authenticator, time.time())} ", end="", flush=True)
            time.sleep(1 - time.time() % 1)
    except KeyboardInterrupt:
        print()


def _line(authenticator: pyotp.TOTP, now: float) -> str:
    left = authenticator.interval - int(now) % authenticator.interval
    return f"{authenticator.at(int(now))}  {left:2} s left"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
