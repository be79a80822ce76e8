"""Counters for Prometheus, which begin with the import of this module: in `AppConfig.ready`.

Needs `prometheus-client` (the extra `prometheus`). What is counted are the signals, so that every
number here is a line of the log as well. No user, no address: only a few values for each label.
"""

from typing import Any

from django.dispatch import Signal, receiver
from prometheus_client import Counter

from ninja_totp import signals

__all__ = ["EVENTS", "count_event"]

EVENTS = Counter(
    "ninja_totp_events",
    "What happened to the second factors of the site's users.",
    ["event", "method", "api"],
)
"""`ninja_totp_events_total`: `event` is a signal's name, the other labels may be empty."""


@receiver(list(signals.NAMES))
def count_event(signal: Signal, *, api: str, method: str = "", **_: Any) -> None:
    """Count one event: the receiver of all signals."""
    EVENTS.labels(event=signals.NAMES[signal], method=method, api=api).inc()
