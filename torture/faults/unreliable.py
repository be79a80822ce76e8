"""Clients that go away in the middle, and workers that are killed."""

from time import sleep

from torture.bench import Bench
from torture.client import Barrage, HangUp, hang_up
from torture.faults.traffic import LOST, Traffic
from torture.ground import Ground
from torture.verdicts import Finding, judged

__all__ = ["FAULTS"]

_MOMENTS = (
    *(HangUp(share) for share in (0.0, 0.3, 0.7, 0.99)),
    *(HangUp(1.0, wait_ms) for wait_ms in (0, 1, 2, 4, 7, 12, 20, 35, 60, 100)),
)
_SETTLED_SECONDS = 1.5


def clients_hang_up(bench: Bench, ground: Ground) -> Finding:
    """Clients go at every moment of creating, confirming, logging in and rotating."""
    traffic = Traffic(bench, max(4, bench.crowd // 2))
    # The number of moments has no factor in common with the order of the calls.
    moments = [
        _MOMENTS[(number * 5 + number // 12) % len(_MOMENTS)]
        for number in range(len(traffic.calls))
    ]
    for begin in range(0, len(traffic.calls), bench.crowd):
        part = slice(begin, begin + bench.crowd)
        hang_up(bench.site.port, list(zip(traffic.calls[part], moments[part], strict=True)))
    sleep(_SETTLED_SECONDS)
    answers = [LOST] * len(traffic.calls)
    return judged(answers, accepted=0, may_lose=True, claims=traffic.claims(answers))


def workers_killed(bench: Bench, ground: Ground) -> Finding:
    """Workers are killed one after the other while requests come in."""
    traffic = Traffic(bench, bench.crowd)
    workers = bench.site.wait_for_workers()
    with Barrage(bench.site.port, traffic.calls, clients=8, seconds=4) as barrage:
        # Each once: granian gives up when the same one dies twice in a few seconds.
        for worker in sorted(workers):
            sleep(0.8)
            bench.site.kill_worker(worker)
    alive = bench.site.wait_for_workers()
    claims = traffic.claims(barrage.answers) | {"a worker was not killed": not workers & alive}
    return judged(barrage.answers, may_lose=True, claims=claims)


FAULTS = {
    "fault: clients hang up at every moment": clients_hang_up,
    "fault: workers killed under load": workers_killed,
}
