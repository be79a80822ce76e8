"""Interleaved rounds: every contender once, then every contender again, in changing order.

What slows the machine down for a while then slows all of them down, and a ratio within one round
says more than two figures of two runs. The figure is the median of the rounds; the spread is
shown beside it.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import median, quantiles
from typing import Any

from benchmarks.client import UnexpectedAnswer, run_load
from benchmarks.servers import Server, environment
from benchmarks.stacks import Call

__all__ = ["Contender", "Feeder", "FeederFailed", "Result", "measure"]


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
    failure: str = ""

    def summary(self) -> dict[str, Any]:
        """Return what is told of it: `rates` of the rounds, medians, percentiles of all requests.

        A contender that failed has its `failure` alone: half of its rounds would say nothing.
        """
        who = {"stack": self.contender.stack, "case": self.contender.case}
        if self.failure:
            return {**who, "name": self.contender.name, "failure": self.failure}
        percentiles = quantiles(self.latencies, n=100)
        return {
            **who,
            "name": self.contender.name,
            "rates": self.rates,
            "cpu_ms": median(self.cpu_ms),
            **{f"p{percent}_ms": percentiles[percent - 1] * 1000 for percent in (50, 95, 99)},
            "memory_mb": self.memory_mb,
            "statements": self.statements,
        }


class FeederFailed(Exception):
    """The process that prepares a contender has ended."""


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
        if self._process.stdin is not None and self._process.poll() is None:
            self._process.stdin.close()
        self._process.wait(timeout=20)

    def ask(self, do: str, **arguments: Any) -> Any:
        """Return the feeder's answer to one command."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("The feeder has no pipes.")
        try:
            print(json.dumps({"do": do, **arguments}), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise FeederFailed("The feeder has ended.") from None
        answer = self._process.stdout.readline()
        if not answer:
            raise FeederFailed(f"The feeder failed at {do} {arguments}.")
        return json.loads(answer)

    def calls(self, case: str, count: int) -> list[Call]:
        """Return prepared calls."""
        return [Call(**call) for call in self.ask("prepare", case=case, count=count)]


def measure(
    contenders: Sequence[Contender], *, rounds: int, requests: int, clients: int
) -> list[Result]:
    """Return the results of `rounds` rounds of `requests` requests each, after one to warm up.

    A contender that refuses a call takes no further part, and its result says why.
    """
    results = {contender: Result(contender) for contender in contenders}
    with ExitStack() as running:
        feeders = _feeders(running, contenders, requests)
        servers = _servers(running, contenders)

        def one_round(result: Result, *, is_warm_up: bool) -> None:
            contender = result.contender
            feeder = feeders[contender.stack, contender.database]
            server = servers[contender.stack, contender.database, contender.server]
            calls = feeder.calls(contender.case, requests)
            _one_round(result, server, calls, clients, is_warm_up=is_warm_up)

        def count_statements(result: Result) -> None:
            feeder = feeders[result.contender.stack, result.contender.database]
            result.statements = len(feeder.ask("statements", case=result.contender.case))

        for number in range(rounds + 1):
            for result in random.sample(list(results.values()), len(results)):
                _try(result, partial(one_round, is_warm_up=number == 0))
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
        for result in results.values():
            _try(result, count_statements)
    return list(results.values())


def _try(result: Result, do: Callable[[Result], None]) -> None:
    """Let `do` have its way with a contender that has not failed, and note if it fails now."""
    if result.failure:
        return
    try:
        do(result)
    except (UnexpectedAnswer, FeederFailed, OSError, EOFError, ExceptionGroup) as error:
        result.failure = f"{type(error).__name__}: {error}"
        print(f"FAILED: {result.contender.name}: {result.failure}", file=sys.stderr, flush=True)


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
