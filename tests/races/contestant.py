"""One worker process of `test_processes.py`: reads what to try, tries it at once, tells what came.

    python -m tests.races.contestant

A line on its input is {"challenges": [...], "proof": {...}}; the answer is a line with the names
of the outcomes. It says "ready" before it begins. It has the real clock.
"""

import json
import os
import sys
from functools import partial

import django

__all__: list[str] = []


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _compete() -> None:
    from ninja_totp.services import Proof, complete_login
    from tests.races.starting_gun import at_once

    _say("ready")
    for line in sys.stdin:
        task = json.loads(line)
        proof = Proof(**task["proof"])
        outcomes = at_once([partial(complete_login, token, proof) for token in task["challenges"]])
        _say(json.dumps([type(outcome).__name__ for outcome in outcomes]))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    _compete()
