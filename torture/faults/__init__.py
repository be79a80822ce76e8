"""What breaks: clients, workers, databases, caches, mail servers, disks.

Each takes a `Bench` and its `Ground`, and returns a `Finding`. Afterwards nobody may be half
enrolled, no code usable twice and no failure uncounted, and the site works again.
"""

from collections.abc import Callable

from torture.bench import Bench
from torture.faults import databases, services, unreliable
from torture.ground import Ground
from torture.verdicts import Finding

__all__ = ["Fault", "faults_of"]

Fault = Callable[[Bench, Ground], Finding]


def faults_of(kind: str) -> dict[str, Fault]:
    """Return the faults that a site on a database of `kind` can have, by their names."""
    of_database = databases.OF_FILES if kind == "sqlite" else databases.OF_SERVERS
    return {**unreliable.FAULTS, **of_database, **services.FAULTS}
