"""Following a walk: each kind of block becomes what a reader does with it.

What the kinds mean is in `pages.py`, how a terminal behaves in `shell.py`.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.docs.pages import Block
from tests.docs.shell import Failed, Shell

__all__ = ["Visitor", "matches", "matches_json", "without_mails"]

_SHELL = """\
import os, sys, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
sys.path.insert(0, os.getcwd())
django.setup()
"""


# A mail as Django's console backend shows it: headers (6.1 begins with another one), body, a line
# of dashes.
_MAIL = re.compile(r"^(?:Content-Type|MIME-Version): .*?^-{79}$\n?", re.DOTALL | re.MULTILINE)


def without_mails(printed: str) -> str:
    """What was printed, without the mails that the README's project shows in the terminal."""
    return _MAIL.sub("", printed)


def matches(shown: str, printed: str) -> bool:
    """Whether `printed` is what the page shows; "…" stands for any text within a line."""
    parts = [re.escape(part) for part in _trimmed(shown).split("…")]
    return re.fullmatch("[^\n]*".join(parts), _trimmed(printed)) is not None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def matches_json(shown: Any, printed: Any) -> bool:
    """Whether `printed` has the form that the page shows.

    "…" alone stands for any value, inside a text for any part of it, and as the last item of a
    list for further items.
    """
    if shown == "…":
        return True
    if isinstance(shown, str):
        return isinstance(printed, str) and matches(shown, printed)
    if isinstance(shown, dict):
        return (
            isinstance(printed, dict)
            and shown.keys() == printed.keys()
            and all(matches_json(shown[key], printed[key]) for key in shown)
        )
    if isinstance(shown, list):
        return isinstance(printed, list) and _matches_list(shown, printed)
    return type(shown) is type(printed) and shown == printed


def _matches_list(shown: list[Any], printed: list[Any]) -> bool:
    if shown and shown[-1] == "…":
        shown = shown[:-1]
        printed = printed[: len(shown)]
    return len(shown) == len(printed) and all(map(matches_json, shown, printed))


class Visitor:
    """Someone who does what a page says, in order. `installs` is False where that is done."""

    def __init__(self, shell: Shell, *, installs: bool) -> None:
        self._shell = shell
        self._installs = installs
        self._printed = ""

    def follow(self, blocks: list[Block]) -> None:
        """Do what `blocks` say. Raises Failed, which names the block."""
        for block in blocks:
            try:
                _ACTIONS[block.kind](self, block)
            except Failed as error:
                raise Failed(f"{block}\n{block.text}\n{error}") from None

    def _install(self, block: Block) -> None:
        if self._installs:
            self._shell.run(block.text)

    def _type(self, block: Block) -> None:
        self._printed = self._shell.run(block.text)

    def _serve(self, block: Block) -> None:
        self._shell.serve(block.text)

    def _save(self, block: Block) -> None:
        self._shell.write(block.title, block.text)

    def _configure(self, block: Block) -> None:
        self._shell.configure(block.title, block.text)

    def _append(self, block: Block) -> None:
        self._shell.write(block.title, block.text, append=True)

    def _run(self, block: Block) -> None:
        script = self._shell.keep(_SHELL + block.text, ".py")
        self._printed = self._shell.run(f"python '{script}'")

    def _compare(self, block: Block) -> None:
        if not matches(block.text, without_mails(self._printed)):
            raise Failed(f"printed instead:\n{self._printed}")

    def _compare_json(self, block: Block) -> None:
        try:
            printed = json.loads(self._printed)
        except ValueError:
            raise Failed(f"printed no JSON:\n{self._printed}") from None
        if not matches_json(json.loads(block.text), printed):
            raise Failed(f"printed instead:\n{self._printed}")


_ACTIONS: dict[str, Callable[[Visitor, Block], None]] = {
    "bash install": Visitor._install,
    "bash": Visitor._type,
    "bash server": Visitor._serve,
    "nginx": Visitor._configure,
    "python": Visitor._save,
    "python append": Visitor._append,
    "python run": Visitor._run,
    "text output": Visitor._compare,
    "json response": Visitor._compare_json,
}
