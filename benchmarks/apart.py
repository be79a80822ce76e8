"""Running one part of the suite in a process of its own that answers with one line of JSON.

The measuring process imports no Django, and a part that measures imports or memory starts clean.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.servers import environment

__all__ = ["answer", "run_apart"]

_PATIENCE_SECONDS = 1500


def run_apart(module: str, *arguments: str, stack: str = "ninja_totp", name: str = "apart") -> Any:
    """Return what `benchmarks.<module>` answers to `arguments`; its database is called `name`."""
    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        env=environment(stack, "postgres") | {"BENCH_DATABASE_NAME": f"ninja_totp_bench_{name}"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=_PATIENCE_SECONDS,
    )
    return json.loads(done.stdout.splitlines()[-1])


def answer(part: Callable[[], Any]) -> None:
    """Set Django up, run `part` and print its result. For the process that is run apart."""
    import django

    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    print(json.dumps(part()), file=answers, flush=True)
