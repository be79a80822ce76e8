"""One picture of the HTTP results: requests a second of each job, with the spread of the rounds."""

# The peers need not be installed where the types are checked.
# mypy: disable-error-code="import-not-found"

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

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


def _label(result: Mapping[str, Any]) -> str:
    return _FLOORS.get(result["case"], result["stack"].replace("_", "-"))


def _colour(result: Mapping[str, Any]) -> str:
    if result["case"] in _FLOORS:
        return _FLOOR
    return _OURS if result["stack"] in ("ninja_totp", "drf_compat") else _THEIRS


def draw(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw the picture of `Result.summary`s into `path`, a PNG file."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    for axis, job in zip(axes.flat, _JOBS, strict=True):
        cases = (job, *_FLOORS) if job in ("verify", "backup_code") else (job,)
        shown = [r for r in results if r["case"] in cases and "failure" not in r]
        shown.sort(key=lambda result: median(result["rates"]))
        rates = [median(result["rates"]) for result in shown]
        spread = [
            [median(result["rates"]) - min(result["rates"]) for result in shown],
            [max(result["rates"]) - median(result["rates"]) for result in shown],
        ]
        colours = [_colour(result) for result in shown]
        axis.barh([_label(r) for r in shown], rates, xerr=spread, color=colours, ecolor="#444444")
        axis.set_title(_TITLES[job], fontsize=10)
        axis.set_xlabel("requests/s (median; line: slowest and fastest round)", fontsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
