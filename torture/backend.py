"""Everything that happens on one database: each server, each attack, each fault, the key."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torture.attacks import ATTACKS, guessing
from torture.attacks.replay import half_a_minute_later
from torture.bench import DOORS, Bench
from torture.faults import faults_of
from torture.ground import Ground
from torture.rotation import rotated
from torture.sites import Site
from torture.verdicts import Finding, Row, Tally

__all__ = ["FULL", "SHORT", "Scale", "rows_of"]


@dataclass(frozen=True)
class Scale:
    """How much is done. `servers` maps a database to its servers; the key is changed at the first.

    `crowd` is how many send at once, `rotating` how many users there are when the key is changed.
    """

    workers: int
    crowd: int
    rotating: int
    servers: dict[str, tuple[str, ...]]
    rotated: tuple[str, ...]


_ALL = ("uvicorn", "granian", "gunicorn")
FULL = Scale(
    workers=3,
    crowd=30,
    rotating=10_000,
    servers={"postgres": _ALL, "mariadb": _ALL, "sqlite": _ALL},
    rotated=("postgres", "mariadb", "sqlite"),
)
SHORT = Scale(
    workers=2,
    crowd=16,
    rotating=300,
    servers={"postgres": ("uvicorn",), "mariadb": ("granian",), "sqlite": ("gunicorn",)},
    rotated=("postgres",),
)


def rows_of(kind: str, scale: Scale, *, log: Path) -> Iterator[Row]:
    """Yield a row for each attack and fault on a database of `kind`, as it is done."""
    with Ground(kind, workers=scale.workers, log=log) as ground:
        for server in scale.servers[kind]:
            with ground.site(server) as site:
                yield from _at_server(ground, site, server, scale)
        yield _in_transactions(ground, scale)
        if kind in scale.rotated:
            yield _key_changed(ground, scale)


def _at_server(ground: Ground, site: Site, server: str, scale: Scale) -> Iterator[Row]:
    backend = f"{ground.kind}, {server}"
    benches = [Bench(site, door, scale.crowd) for door in DOORS]
    later = half_a_minute_later(benches)
    for name, attack in ATTACKS.items():
        yield _row(backend, name, benches, attack)
    # Before anything breaks: a database that is down has no verdict on a code.
    yield Row.of(
        backend,
        "replay: half a minute later",
        {door: _tried(waiting.finding) for door, waiting in later.items()},
    )
    # A fault costs seconds and is the same behind both doors: each is met at one by each server,
    # and at both by all servers together.
    turn = scale.servers[ground.kind].index(server)
    for number, (name, fault) in enumerate(faults_of(ground.kind).items(), start=turn):
        door = DOORS[number % 2]
        (bench,) = (bench for bench in benches if bench.door == door)
        yield Row.of(backend, name, {door: _tried(partial(fault, bench, ground))})


def _in_transactions(ground: Ground, scale: Scale) -> Row:
    """Guess where each request runs in a transaction, which an error rolls back."""
    server = "gunicorn, transactions"
    with ground.site(server) as site:
        bench = Bench(site, "drf", scale.crowd)
        findings = [_tried(partial(attack, bench)) for attack in guessing.ATTACKS_BY_CODE]
    total = Finding(
        sum((finding.tally for finding in findings), start=Tally()),
        tuple(complaint for finding in findings for complaint in finding.complaints),
    )
    return Row.of(f"{ground.kind}, {server}", "guesses: under ATOMIC_REQUESTS", {"drf": total})


def _key_changed(ground: Ground, scale: Scale) -> Row:
    server = scale.servers[ground.kind][0]
    users, workers = scale.rotating, scale.workers - 1
    found = _tried(partial(rotated, ground, server, door="ninja", users=users, workers=workers))
    return Row.of(f"{ground.kind}, {server}", "key: changed under load", {"ninja": found})


def _row(
    backend: str, name: str, benches: Sequence[Bench], work: Callable[[Bench], Finding]
) -> Row:
    return Row.of(backend, name, {b.door: _tried(partial(work, b)) for b in benches})


def _tried(work: Callable[[], Finding]) -> Finding:
    """Return what `work` finds; one that breaks down is a complaint, and the others go on."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not as it should be
        return Finding(Tally(), (f"broke down: {type(error).__name__}: {error}"[:200],))
