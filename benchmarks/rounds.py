"""Interleaved rounds: every contender once, then every contender again, in changing order.

What slows the machine down for a while then slows all of them down, and a ratio within one round
says more than two figures of two runs. The figure is the median of the rounds; the spread is
shown beside it.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from benchmarks.client import run_load
from benchmarks.servers import Server, environment
from benchmarks.stacks import Call

__all__ = ["Contender", "Feeder", "Result", "measure"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One case of one stack under one server on one database."""

    stack: str
    case: str
    server: str = "uvicorn"
    database: str = "postgres"

    @property
    def name(self) -> str:
        """How it is called in tables."""
        return self.case if self.case.startswith("floor") else f"{self.stack} {self.case}"


@dataclass(slots=True)
class Result:
    """The rounds of one contender."""

    contender: Contender
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    memory_mb: float = 0
    statements: int = 0

    @property
    def rate(self) -> float:
        """Requests a second, the median of the rounds."""
        return median(self.rates)

    def latency_ms(self, percent: int) -> float:
        """A percentile over all requests of all rounds, in milliseconds."""
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


class Feeder:
    """The process that seeds and prepares one stack on one database."""

    def __init__(self, stack: str, database: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.feeder"],
            env=environment(stack, database) | {"BENCH_POOL": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Feeder":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)

    def ask(self, do: str, **arguments: Any) -> Any:
        """Return the feeder's answer to one command."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("The feeder has no pipes.")
        print(json.dumps({"do": do, **arguments}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The feeder failed at {do} {arguments}.")
        return json.loads(answer)

    def calls(self, case: str, count: int) -> list[Call]:
        """Return prepared calls."""
        return [Call(**call) for call in self.ask("prepare", case=case, count=count)]


def measure(
    contenders: Sequence[Contender], *, rounds: int, requests: int, clients: int
) -> list[Result]:
    """Return the results of `rounds` rounds of `requests` requests each, after one to warm up."""
    results = {contender: Result(contender) for contender in contenders}
    with ExitStack() as running:
        feeders = _feeders(running, contenders, requests)
        servers = _servers(running, contenders)
        for number in range(rounds + 1):
            for contender in random.sample(contenders, len(contenders)):
                feeder = feeders[contender.stack, contender.database]
                server = servers[contender.stack, contender.database, contender.server]
                calls = feeder.calls(contender.case, requests)
                _one_round(results[contender], server, calls, clients, is_warm_up=number == 0)
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
        for contender, result in results.items():
            feeder = feeders[contender.stack, contender.database]
            result.statements = len(feeder.ask("statements", case=contender.case))
    return list(results.values())


def _feeders(
    running: ExitStack, contenders: Iterable[Contender], users: int
) -> dict[tuple[str, str], Feeder]:
    feeders = {}
    for key in dict.fromkeys((c.stack, c.database) for c in contenders):
        feeders[key] = running.enter_context(Feeder(*key))
        feeders[key].ask("seed", users=users)
    return feeders


def _servers(
    running: ExitStack, contenders: Iterable[Contender]
) -> dict[tuple[str, str, str], Server]:
    wanted = dict.fromkeys((c.stack, c.database, c.server) for c in contenders)
    return {
        (stack, database, server): running.enter_context(Server(server, stack, database))
        for stack, database, server in wanted
    }


def _one_round(
    result: Result, server: Server, calls: Sequence[Call], clients: int, *, is_warm_up: bool
) -> None:
    cpu_before = server.cpu_seconds()
    load = run_load(server.port, calls, clients=clients)
    if is_warm_up:
        return
    result.cpu_ms.append((server.cpu_seconds() - cpu_before) * 1000 / len(calls))
    result.rates.append(len(calls) / load.seconds)
    result.latencies.extend(load.latencies)
    result.memory_mb = server.memory_mb()
