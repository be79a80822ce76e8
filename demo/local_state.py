"""What the demo keeps on this machine: one private folder with the two keys and the database.

A real project takes its keys from a secret store or the environment. The demo makes its own, so
that it starts with one command, and keeps them, so that enrolled authenticators still work
after a restart.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet

__all__ = ["LocalKeys", "data_directory", "local_keys"]

_FOLDER_VARIABLE = "DEMO_DIR"
_KEY_FILE = "keys.json"


@dataclass(frozen=True, slots=True, repr=False)
class LocalKeys:
    """Django's signing key and the Fernet key that seals the TOTP secrets: two keys, two uses."""

    secret_key: str
    encryption_key: str


def data_directory() -> Path:
    """The folder for database and keys, made on first use and readable by its owner alone.

    `.demo` beside the `demo` package, or the folder that the variable DEMO_DIR names.
    """
    named = os.environ.get(_FOLDER_VARIABLE)
    folder = Path(named) if named else Path(__file__).resolve().parent.parent / ".demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The folder ignores itself, so that no clone can commit its keys by accident.
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    return folder


def local_keys(folder: Path) -> LocalKeys:
    """The keys of `folder`, made on first use in a file with mode 0600."""
    path = folder / _KEY_FILE
    try:
        _write_new(path, _new_keys())
    except FileExistsError:
        path.chmod(0o600)
    return LocalKeys(**json.loads(path.read_text(encoding="ascii")))


def _new_keys() -> LocalKeys:
    return LocalKeys(
        secret_key=secrets.token_urlsafe(64),
        encryption_key=Fernet.generate_key().decode("ascii"),
    )


def _write_new(path: Path, keys: LocalKeys) -> None:
    # O_EXCL with the mode in the same call: at no instant is the file readable by others.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(asdict(keys), file)
