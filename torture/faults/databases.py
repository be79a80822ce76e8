"""A database that is restarted, locked or full while requests come in."""

import sqlite3
from contextlib import closing
from time import monotonic, sleep

from torture import people
from torture.bench import Bench
from torture.client import Barrage
from torture.faults.traffic import Traffic
from torture.ground import Ground
from torture.verdicts import Finding, judged

__all__ = ["OF_FILES", "OF_SERVERS"]

_PATIENCE_SECONDS = 20


def restarted(bench: Bench, ground: Ground) -> Finding:
    """The database crashes, is gone until somebody has noticed, and comes back."""
    traffic = Traffic(bench, bench.crowd)
    ground.forget_connections()
    with Barrage(bench.site.port, traffic.calls, clients=8, seconds=5) as barrage:
        sleep(1)
        ground.database.kill()
        _wait_for_failure(barrage)
        ground.database.start()
    _wait_until_back(bench)
    claims = traffic.claims(barrage.answers)
    claims["nobody noticed that the database was gone"] = _has_failed(barrage)
    return judged(barrage.answers, may_fail=True, claims=claims)


def _wait_for_failure(barrage: Barrage) -> None:
    """Wait for an answer that tells of the fault, and a moment longer."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while not _has_failed(barrage) and monotonic() < deadline:
        sleep(0.1)
    sleep(0.5)


def _has_failed(barrage: Barrage) -> bool:
    return any(answer.is_server_error for answer in barrage.answers)


def _wait_until_back(bench: Bench) -> None:
    """Wait until no worker has a connection left that is dead; each request finds one out."""
    from django.db import OperationalError

    for _ in range(100):
        try:
            owner = bench.owner()
        except OperationalError:  # it reads its log
            sleep(0.1)
            continue
        answers = bench.at_once([bench.first_step(owner)] * 4 * bench.site.workers)
        if not any(answer.is_server_error for answer in answers):
            return
    raise RuntimeError("The site has not recovered from a restart of its database.")


def locked(bench: Bench, ground: Ground) -> Finding:
    """Somebody holds the file's write lock for longer than the site's patience."""
    with ground.site("uvicorn", TORTURE_SQLITE_TIMEOUT="0.5") as site:
        bench = Bench(site, bench.door, bench.crowd)
        traffic = Traffic(bench, max(4, bench.crowd // 2))
        with closing(sqlite3.connect(ground.environment["TORTURE_DATABASE_FILE"])) as holding:
            # Before the traffic: SQLite's lock goes to whoever asks at the right moment.
            holding.execute("BEGIN IMMEDIATE")
            with Barrage(site.port, traffic.calls, clients=8, seconds=4) as barrage:
                _wait_for_failure(barrage)
                holding.rollback()
        claims = traffic.claims(barrage.answers)
    claims["nobody noticed the lock"] = _has_failed(barrage)
    return judged(barrage.answers, may_fail=True, claims=claims)


def full(bench: Bench, ground: Ground) -> Finding:
    """The file cannot grow (PRAGMA max_page_count), as on a disk that is full."""
    traffic = Traffic(bench, max(4, bench.crowd // 2))
    owners = people.enrolled(5, backup_codes=0)
    # SQLite takes a limit below the present size for the present size.
    with ground.site("uvicorn", TORTURE_SQLITE_PAGES="1") as site:
        # First steps fill what is free in the pages that exist.
        filling = [bench.first_step(owner) for owner in owners] * 40
        with Barrage(site.port, filling, clients=8, seconds=0) as filled:
            pass
        with Barrage(site.port, traffic.calls, clients=8, seconds=0) as barrage:
            pass
    claims = traffic.claims(barrage.answers)
    claims["nobody noticed that the disk was full"] = _has_failed(filled) or _has_failed(barrage)
    return judged([*filled.answers, *barrage.answers], may_fail=True, claims=claims)


OF_SERVERS = {"fault: database crashes and comes back": restarted}
OF_FILES = {"fault: database locked": locked, "fault: disk full": full}
