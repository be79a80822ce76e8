"""Known attacks on second factors, by their names in the table.

Each takes a `Bench` and returns a `Finding`. It brings its own victims, so that none depends on
what another has done.
"""

from torture.attacks import changes, crowds, guessing, replay, strangers, tokens
from torture.bench import Attack

__all__ = ["ATTACKS"]

ATTACKS: dict[str, Attack] = {
    **replay.ATTACKS,
    **guessing.ATTACKS,
    **strangers.ATTACKS,
    **tokens.ATTACKS,
    **changes.ATTACKS,
    **crowds.ATTACKS,
}
