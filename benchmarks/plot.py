"""One picture of the HTTP results: requests a second of each job, with the spread of the rounds."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.rounds import Result

__all__ = ["draw"]

_JOBS = ("verify", "backup_code", "create", "confirm")
_TITLES = {
    "verify": "Second step of a login: TOTP code",
    "backup_code": "Second step of a login: backup code",
    "create": "Start an enrolment (QR code)",
    "confirm": "Confirm an enrolment",
}
_FLOORS = {
    "floor_sql_jwt": "floor: SELECT + UPDATE + JWT",
    "floor_login_jwt": "floor: SELECT + 2 UPDATEs + JWT",
}
_OURS, _THEIRS, _FLOOR = "#1b6e53", "#8c8c8c", "#c9d6d0"


def _label(result: Result) -> str:
    return _FLOORS.get(result.contender.case, result.contender.stack.replace("_", "-"))


def _colour(result: Result) -> str:
    if result.contender.case in _FLOORS:
        return _FLOOR
    return _OURS if result.contender.stack in ("ninja_totp", "drf_compat") else _THEIRS


def draw(results: Sequence[Result], path: Path) -> None:
    """Draw the picture into `path`, a PNG file."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    for axis, job in zip(axes.flat, _JOBS, strict=True):
        shown = [r for r in results if r.contender.case == job]
        if job in ("verify", "backup_code"):
            shown += [r for r in results if r.contender.case in _FLOORS]
        shown.sort(key=lambda result: result.rate)
        rates = [result.rate for result in shown]
        spread = [
            [result.rate - min(result.rates) for result in shown],
            [max(result.rates) - result.rate for result in shown],
        ]
        colours = [_colour(result) for result in shown]
        axis.barh([_label(r) for r in shown], rates, xerr=spread, color=colours, ecolor="#444444")
        axis.set_title(_TITLES[job], fontsize=10)
        axis.set_xlabel("requests/s (median; line: slowest and fastest round)", fontsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
