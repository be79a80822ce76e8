"""Besiege accounts for years and print what came of it beside what the formula says.

    python -m tests.guessing [years] [accounts]

`make guesses` runs it: first, how many guesses the services look at; then, with codes of two or
three digits, how many accounts are taken. Exits with 1 where a figure is not as it should be.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, count
from typing import Any

import django
from django.test.utils import get_runner, override_settings, setup_test_environment

_Row = tuple[tuple[str, ...], bool]

_OWNERS = {"never": None, "daily": 86_400, "hourly": 3600}
_SETTINGS: Mapping[str, dict[str, Any]] = {
    "defaults": {},
    "TOTP_LOCKOUT_BUDGET = 5": {"TOTP_LOCKOUT_BUDGET": 5},
    "TOTP_LOCKOUT_REFILL = 7 days": {"TOTP_LOCKOUT_REFILL": 7 * 86_400},
}
_names = map("user{}".format, count())


def _guesses(years: int) -> Iterator[_Row]:
    from ninja_totp.services.policy.guessing import site_guess_probability
    from ninja_totp.testing import frozen_clock
    from tests.guessing.siege import YEAR, a_wrong_code, besiege, new_account
    from tests.support.clock import START

    yield ("settings", "owner logs in", "years", "compared", "formula", "chance"), True
    for name, values in _SETTINGS.items():
        for owner, every in _OWNERS.items():
            with override_settings(**values), frozen_clock(START) as clock:
                account = new_account(next(_names), clock)
                seconds = years * YEAR
                outcome = besiege(account, seconds=seconds, owner_every=every, guess=a_wrong_code)
                bound = site_guess_probability(seconds, owner_acts=every is not None)
            figures = (str(years), str(outcome.compared), str(bound.guesses), f"{bound.codes:.4%}")
            yield (name, owner, *figures), outcome.compared == bound.guesses
    yield from _of_several(years)


def _of_several(years: int) -> Iterator[_Row]:
    from ninja_totp.services.policy.guessing import site_guess_probability
    from ninja_totp.testing import frozen_clock
    from tests.guessing.siege import YEAR, a_wrong_code, besiege, new_account
    from tests.support.clock import START

    for number in (2, 3, 5):
        with override_settings(TOTP_MAX_AUTHENTICATORS=5), frozen_clock(START) as clock:
            account, seconds = new_account(next(_names), clock, authenticators=number), years * YEAR
            outcome = besiege(account, seconds=seconds, owner_every=86_400, guess=a_wrong_code)
            bound = site_guess_probability(seconds, authenticators=number)
        most = bound.guesses * number
        figures = (str(years), str(outcome.compared), str(most), f"{bound.codes:.4%}")
        yield (f"{number} authenticators", "daily", *figures), outcome.compared == most


def _accounts(accounts: int) -> Iterator[_Row]:
    from ninja_totp.services.policy.guessing import site_guess_probability
    from ninja_totp.testing import frozen_clock
    from tests.guessing.siege import DAY, few_digits, new_account, repeatable, wilson
    from tests.support.clock import START

    yield ("digits", "owner logs in", "days", "taken", "99.9 % interval", "formula", "bound"), True
    for digits, days in ((2, 10), (3, 30)):
        for owner in ("never", "daily"):
            with repeatable(seed=digits) as dice, few_digits(digits), frozen_clock(START) as clock:
                site = [new_account(next(_names), clock) for _ in range(accounts)]
                codes = [f"{number:0{digits}}" for number in range(10**digits)]
                taken = _taken(site, days, _OWNERS[owner], partial(_pick, dice, codes))
                bound = site_guess_probability(days * DAY, owner_acts=owner != "never")
            lowest, highest = wilson(taken, accounts)
            exact = 1 - (1 - bound.codes / bound.guesses) ** bound.guesses
            figures = (f"{taken}/{accounts}", f"{lowest:.1%} to {highest:.1%}")
            holds = lowest < exact < highest and lowest < bound.codes
            yield (
                (str(digits), owner, str(days), *figures, f"{exact:.1%}", f"{bound.codes:.1%}"),
                holds,
            )


def _taken(accounts: list[Any], days: int, every: int | None, guess: Any) -> int:
    from tests.guessing.siege import DAY, besiege

    sieges = [
        besiege(account, seconds=days * DAY, owner_every=every, guess=guess) for account in accounts
    ]
    return sum(siege.is_taken for siege in sieges)


def _pick(dice: Any, codes: list[str], _: Any) -> str:
    picked: str = dice.choice(codes)
    return picked


def main(years: int, accounts: int) -> int:
    """Print the tables; return the exit status."""
    logging.disable(logging.CRITICAL)  # each wrong code is worth a line elsewhere
    started, verdicts = time.monotonic(), []
    for row, holds in chain(_guesses(years), _accounts(accounts)):
        verdicts.append(holds)
        cells = [f"{cell:<17}" for cell in row[1:]]
        print(f"{row[0]:<30}{''.join(cells)}{'' if holds else 'WRONG'}", flush=True)
    print(
        f"{'all as it should be' if all(verdicts) else 'WRONG'}, {time.monotonic() - started:.0f} s"
    )
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    setup_test_environment()
    from django.conf import settings

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        status = main(*map(int, sys.argv[1:] or ("1", "100")))
    finally:
        runner.teardown_databases(databases)
    sys.exit(status)
